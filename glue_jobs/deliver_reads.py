"""Delivers who read our tables yesterday as a source: reads the arguments, calls the flow, ends in one line."""

import sys

from insightshare.aws.job_arguments import job_workplace, parse_job_arguments
from insightshare.aws.reads_delivery import deliver_reads, named_deployment
from insightshare.aws.session import own_session
from insightshare.errors import InsightshareError


def main(words: list[str]) -> None:
    """Run the job; a job that fails ends with one line that says why."""
    try:
        arguments = parse_job_arguments(words, "deployment")
        with job_workplace(arguments) as place:
            deployment = named_deployment(place.project, arguments.deployment)
            deliver_reads(own_session(), place, deployment, arguments.as_of)
    except InsightshareError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
