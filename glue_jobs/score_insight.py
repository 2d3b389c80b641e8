"""Makes one run of an insight: reads the arguments, calls the flow, ends in one line. Decides nothing itself."""

import sys

from insightshare.aws.job_arguments import job_workplace, parse_job_arguments
from insightshare.errors import InsightshareError
from insightshare.jobs.score import score_insight


def main(words: list[str]) -> None:
    """Run the job; a job that fails ends with one line that says why."""
    try:
        arguments = parse_job_arguments(words, "insight")
        with job_workplace(arguments) as place:
            score_insight(place, arguments.insight, arguments.as_of, arguments.engine)
    except InsightshareError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
