"""What an engine is told: where S3 is, and which files make a table. Imports no engine."""

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class S3Access:
    """How to read from S3: the caller's own short-lived credentials. Never printed."""

    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False, default=None)
    endpoint: str | None = None
    """Host and port, where it is not AWS's own."""
    use_ssl: bool = True


@dataclass(frozen=True)
class WrittenFile:
    """One Parquet file as the engine wrote it, with the row count from its footer."""

    path: str
    rows: int
    schema: pa.Schema = field(repr=False)
