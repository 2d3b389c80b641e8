"""The least that writing these rows can cost: DuckDB alone, with our codec and row groups. No audit, no manifest.

Run as `python -m benchmarks.ours.floor SOURCE TARGET [--unsorted] [--without-as-of]`. Addresses begin with `s3://`; the
endpoint comes from the environment. The settings are those of `insightshare/engine/duckdb.py`.
"""

import os
import sys
import tempfile
from importlib.resources import files
from urllib.parse import urlparse

import duckdb

SETTINGS = {"memory_limit": "600MB", "preserve_insertion_order": "false", "TimeZone": "UTC"}
PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
AS_OF, KEY = "2026-01-31", "customer_id"


def main(source: str, target: str, is_sorted: bool, with_as_of: bool) -> None:
    """Write once."""
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        for setting, value in {**SETTINGS, "temp_directory": spill}.items():
            connection.execute(f"SET {setting} = '{value}'")
        if target.startswith("s3://"):
            _allow_s3(connection)
        order = f"ORDER BY {KEY} NULLS LAST" if is_sorted else ""
        columns = f"*, '{AS_OF}' AS as_of" if with_as_of else "*"
        rows = f"SELECT {columns} FROM (SELECT * FROM read_parquet('{source}') {order})"
        connection.execute(f"COPY ({rows}) TO '{target}' ({PARQUET})")


def _allow_s3(connection: duckdb.DuckDBPyConnection) -> None:
    extension = files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    connection.execute(f"LOAD '{extension}'")
    endpoint = urlparse(os.environ["AWS_ENDPOINT_URL"])
    options = {
        "KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
        "SECRET": os.environ["AWS_SECRET_ACCESS_KEY"],
        "REGION": os.environ["AWS_REGION"],
        "ENDPOINT": endpoint.netloc,
        "URL_STYLE": "path",
    }
    listed = ", ".join(f"{name} '{value}'" for name, value in options.items())
    connection.execute(f"CREATE SECRET lake (TYPE s3, {listed}, USE_SSL {str(endpoint.scheme == 'https').lower()})")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--unsorted" not in sys.argv, "--without-as-of" not in sys.argv)
