"""Opens the engine that a pipeline or an operator chose. Imports only that one: each takes a while to start."""

from insightshare.engine.facts import Engine, EngineName, S3Access
from insightshare.errors import UsageError


def open_engine(name: EngineName, s3: S3Access | None = None) -> Engine:
    """Return the engine, to be used in a `with`; `s3` is how to read from S3 where this machine does it itself."""
    if name == "spark":
        try:
            from insightshare.engine.spark import Spark
        except ModuleNotFoundError as error:
            fix = "run make .venv/.spark, or choose duckdb"
            raise UsageError.at("job", "engine", "spark", "an engine that is installed here", fix) from error
        return Spark()
    from insightshare.engine.duckdb import DuckDb

    return DuckDb(s3)
