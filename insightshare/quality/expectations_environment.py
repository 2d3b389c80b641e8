"""Where Great Expectations lives, and how it is asked: a process of its own, files in and out. Judges nothing.

Its environment is its own because no job needs it until a contract states an expectation that is not compiled, and then
only for these rows: importing it takes seconds, and it brings pandas, scipy and a web page's worth of templates.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from insightshare.errors import PlatformError

SETTING = "INSIGHTSHARE_EXPECTATIONS_PYTHON"
FOLDER = ".venv-expectations"
TIMEOUT_SECONDS = 600
_WORKER = "expectations_worker.py"


def interpreter(environment: Mapping[str, str] = os.environ, beside: Path = Path(sys.prefix)) -> Path:
    """Return the Python that has Great Expectations: as set, or our own, or the environment beside ours.

    Raises PlatformError where there is none; looks at files only and imports nothing.
    """
    fix = f"run make {FOLDER}/.done, or set {SETTING} to the Python of an environment that has it"
    expected = "an interpreter with requirements/expectations.txt"
    if environment.get(SETTING):
        chosen = Path(environment[SETTING])
        if not chosen.is_file():
            raise PlatformError.at("Great Expectations", SETTING, "no file", expected, fix)
        return chosen
    if find_spec("great_expectations"):
        return Path(sys.executable)
    neighbour = beside.parent / FOLDER / "bin" / "python"
    if not neighbour.is_file():
        raise PlatformError.at("Great Expectations", "environment", "absent", expected, fix)
    return neighbour


def ask(python: Path, request: Mapping[str, Any], timeout_seconds: float = TIMEOUT_SECONDS) -> Any:
    """Return the worker's answer to a request; the process is gone afterwards, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="insightshare-expectations-") as scratch:
        folder = Path(scratch)
        worker, question, answer = folder / _WORKER, folder / "request.json", folder / "answer.json"
        # A copy: where our code is in a zip, there is no file that another interpreter could run.
        worker.write_text(files("insightshare.quality").joinpath(_WORKER).read_text(encoding="utf-8"), "utf-8")
        question.write_text(json.dumps(request, allow_nan=False), encoding="utf-8")
        apart = [] if str(python) == sys.executable else ["-I"]  # deaf to the paths that lead to our packages
        command = [str(python), *apart, str(worker), str(question), str(answer)]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=timeout_seconds, check=False)
        except subprocess.TimeoutExpired:
            fix = "state the rule so that it can be compiled, or lower its row limit"
            raise _failed("time", f"more than {timeout_seconds:g} s", "an answer in time", fix) from None
        if done.returncode or not answer.is_file():
            fix = f"run make {FOLDER}/.done again; rules on fewer columns or rows take less memory"
            raise _failed("process", f"an end with code {done.returncode}", "an answer", fix)
        return json.loads(answer.read_text(encoding="utf-8"))


def _failed(field: str, found: str, expected: str, fix: str) -> PlatformError:
    # Never what the process printed: it can quote the data.
    return PlatformError.at("Great Expectations", field, found, expected, fix)
