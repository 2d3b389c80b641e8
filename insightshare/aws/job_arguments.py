"""A Glue job's arguments turned into what it works with: the project, the buckets, an engine. Does no work itself."""

import argparse
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args
from urllib.parse import urlparse

import boto3

from insightshare.aws.bucket_files import BucketFiles
from insightshare.aws.dynamodb import DynamoRegistry
from insightshare.aws.glue import GlueCatalog
from insightshare.contract.read import load_project
from insightshare.engine.choice import open_engine
from insightshare.engine.facts import EngineName, S3Access
from insightshare.errors import AccessRefused, PlatformError, UsageError
from insightshare.jobs.workplace import Workplace

SOURCES_DATABASE = "sources"
MAX_PROJECT_BYTES = 64 * 1024 * 1024


@contextmanager
def job_workplace(arguments: argparse.Namespace) -> Iterator[Workplace]:
    """Give a job its workplace, as the identity that it runs as; the scratch folder goes afterwards."""
    session = boto3.Session()
    s3 = session.client("s3")
    with tempfile.TemporaryDirectory(prefix="insightshare-job-") as folder:
        scratch = Path(folder)
        artefacts, key = _bucket_and_key(arguments.project)
        _unpack(BucketFiles(s3, artefacts), key, scratch / "project")
        yield Workplace(
            project=load_project(scratch / "project"),
            lake=BucketFiles(s3, _bucket_and_key(arguments.lake)[0]),
            landing=BucketFiles(s3, _bucket_and_key(arguments.landing)[0]),
            registry=DynamoRegistry(session.client("dynamodb"), arguments.registry),
            sources_catalog=GlueCatalog(session.client("glue"), SOURCES_DATABASE),
            open_engine=lambda name: open_engine(name, s3_access(session, s3.meta.endpoint_url)),
            scratch=scratch,
            code_version=arguments.code_version,
            job_run_id=arguments.JOB_RUN_ID,
        )


def parse_job_arguments(words: Sequence[str], subject: str) -> argparse.Namespace:
    """Return a job's arguments; `subject` is what it is about, `source` or `insight`. Glue's own words are ignored.

    Raises UsageError where as_of is not a date; without one, it is today in UTC.
    `engine` is None where nobody chose one.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("lake", "landing", "registry", "project", "code_version", subject, "JOB_RUN_ID"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--as_of", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--engine")
    arguments, _ = parser.parse_known_args(words)
    if arguments.engine not in (None, *get_args(EngineName)):
        choices = " or ".join(get_args(EngineName))
        raise UsageError.at("job", "--engine", repr(arguments.engine), choices, "leave it to the pipeline, or name one")
    try:
        if date.fromisoformat(arguments.as_of).isoformat() != arguments.as_of:
            raise ValueError
    except ValueError as error:
        fix = "write it like 2026-01-31"
        raise UsageError.at("job", "--as_of", repr(arguments.as_of), "a date YYYY-MM-DD", fix) from error
    return arguments


def _unpack(artefacts: BucketFiles, key: str, target: Path) -> None:
    body = artefacts.read(key, MAX_PROJECT_BYTES)
    if body is None:
        raise PlatformError.at(artefacts.uri(key), "project", "nothing", "a zip of the project", "run make deploy")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(target)


def s3_access(session: boto3.Session, endpoint_url: str) -> S3Access:
    """Return how an engine reads from S3 as the session's identity."""
    credentials = session.get_credentials()
    if credentials is None:
        raise AccessRefused.at("job", "credentials", "nothing", "an AWS role", "give the job a role")
    frozen = credentials.get_frozen_credentials()
    endpoint = urlparse(endpoint_url)
    own = not (endpoint.hostname or "").endswith(".amazonaws.com")
    return S3Access(
        region=session.region_name,
        access_key=frozen.access_key or "",
        secret_key=frozen.secret_key or "",
        session_token=frozen.token,
        endpoint=endpoint.netloc if own else None,
        use_ssl=endpoint.scheme == "https",
    )


def _bucket_and_key(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key
