"""Asks Great Expectations on pandas about many tables in one process; runs in its environment. Compares nothing.

Called as `python answers.py WORKER REQUEST ANSWER`: the request holds the checks and, by name, the tables' files.
"""

import json
import runpy
import sys
from pathlib import Path


def main(worker: str, request_path: str, answer_path: str) -> None:
    """Write, by table, what the worker that jobs use answers for each check."""
    validate = runpy.run_path(worker)["validate"]
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    answers = {
        name: validate({"data": path, "key": ["id"], "checks": request["checks"]})
        for name, path in request["tables"].items()
    }
    Path(answer_path).write_text(json.dumps(answers, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
