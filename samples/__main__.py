"""`python -m samples fetch|deliver`: gets the public data, and puts one day's raw files where a landing job looks."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow.fs
import pyarrow.parquet as pq

from samples import tables as tables_module
from samples.deliveries import VARIANTS
from samples.originals import fetched_originals
from samples.tables import TABLES
from samples.wheels import FetchFailed

CACHE = Path(".data")


def main() -> int:
    """Run the command; return 0 when everything is where it should be."""
    arguments = _parser().parse_args()
    try:
        tables = source_files(CACHE)
    except FetchFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    if arguments.command == "deliver":
        deliver(tables, arguments.source or list(TABLES), arguments.as_of, arguments.variant, arguments.to)
    return 0


def source_files(cache: Path) -> dict[str, Path]:
    """Return where each source table lies in the cache; makes those that are missing."""
    rules = hashlib.sha256(Path(tables_module.__file__).read_bytes()).hexdigest()[:8]  # other rules make other tables
    folder = cache / f"sources-{rules}"
    files = {source: folder / f"{source}.parquet" for source in TABLES}
    missing = [source for source, path in files.items() if not path.is_file()]
    if not missing:
        return files
    originals = {name: pq.read_table(path) for name, path in fetched_originals(cache).items()}
    folder.mkdir(parents=True, exist_ok=True)
    for source in missing:
        print(f"making {source}")
        new = files[source].with_suffix(f".{os.getpid()}.new")
        pq.write_table(TABLES[source](originals), new)
        new.replace(files[source])
    return files


def deliver(tables: dict[str, Path], sources: Sequence[str], as_of: date, variant: str, target: str) -> None:
    """Write one raw Parquet file per source below `target`: `<source>/<as_of>/part-00000.parquet`."""
    filesystem, folder = _filesystem(target)
    for source in sources:
        table = VARIANTS[variant](source, pq.read_table(tables[source]))
        place = f"{folder}/{source}/{as_of.isoformat()}"
        filesystem.create_dir(place, recursive=True)
        pq.write_table(table, f"{place}/part-00000.parquet", filesystem=filesystem)
        print(f"delivered {source} {as_of}: {table.num_rows:,} rows ({variant})")


def _filesystem(target: str) -> tuple[pyarrow.fs.FileSystem, str]:
    """The file system of a folder or of an `s3://` address, and the path in it; the endpoint is AWS_ENDPOINT_URL's."""
    if not target.startswith("s3://"):
        return pyarrow.fs.LocalFileSystem(), target
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    scheme, _, address = os.environ.get("AWS_ENDPOINT_URL", "").rpartition("://")
    endpoint = {"scheme": scheme, "endpoint_override": address} if address else {}
    return pyarrow.fs.S3FileSystem(region=region, **endpoint), target.removeprefix("s3://").rstrip("/")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="fetch the public data and make the source tables")
    delivery = commands.add_parser("deliver", help="write one day's raw files")
    delivery.add_argument("--as-of", type=date.fromisoformat, required=True)
    delivery.add_argument("--to", required=True, help="a folder or an s3:// address")
    delivery.add_argument("--variant", choices=sorted(VARIANTS), default="normal")
    delivery.add_argument("--source", action="append", choices=sorted(TABLES), help="repeat for several; default: all")
    return parser


if __name__ == "__main__":
    sys.exit(main())
