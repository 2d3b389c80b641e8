"""Our checks alone, on one file. Run as `python -m benchmarks.ours.gate PROJECT FILE [--without-profile]`."""

import time

STARTED = time.perf_counter()

import json  # noqa: E402 - imports are what is timed
import sys  # noqa: E402 - as above
from pathlib import Path  # noqa: E402 - as above

from benchmarks.stage import INSIGHT  # noqa: E402 - as above
from insightshare.contract.read import load_project  # noqa: E402 - as above
from insightshare.engine.duckdb import DuckDb  # noqa: E402 - as above
from insightshare.quality.audit import audit  # noqa: E402 - as above


def main(project: Path, file: str, with_profile: bool) -> None:
    """Judge once, and print the seconds of each step."""
    imported = time.perf_counter()
    insight = load_project(project).insights[INSIGHT]
    with DuckDb() as engine:
        set_up = time.perf_counter()
        found = engine.found_types([file], insight.types)
        engine.add_files("run", [file], insight.types)
        verdict = audit(engine, "run", insight, found, with_profile=with_profile)
        judged = time.perf_counter()
    if not verdict.passed:
        raise SystemExit(verdict.summary())
    print(
        json.dumps(
            {
                "checks": sum(check.kind != "schema" for check in verdict.checks),
                "import_seconds": round(imported - STARTED, 3),
                "set_up_seconds": round(set_up - imported, 3),
                "judge_seconds": round(judged - set_up, 3),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], "--without-profile" not in sys.argv)
