"""The engine that was chosen is opened, and only that one is imported."""

import subprocess
import sys

from insightshare.engine.choice import open_engine


def said(program: str) -> str:
    """What a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_duckdb_is_opened_by_name() -> None:
    with open_engine("duckdb") as engine:
        assert (engine.name, engine.dialect, engine.distributed) == ("duckdb", "duckdb", False)


def test_choosing_duckdb_imports_no_spark() -> None:
    program = "import sys; from insightshare.engine.choice import open_engine; open_engine('duckdb')"

    assert said(f"{program}; print('pyspark' in sys.modules)") == "False"


def test_where_spark_is_not_installed_one_line_says_so() -> None:
    program = """
import sys
sys.modules["pyspark"] = sys.modules["py4j"] = None  # as if they were not installed
from insightshare.engine.choice import open_engine
try:
    open_engine("spark")
except Exception as error:
    print(type(error).__name__, error)
"""

    assert said(program) == (
        "UsageError job: engine: spark is not an engine that is installed here. "
        "Fix: run make .venv/.spark, or choose duckdb."
    )
