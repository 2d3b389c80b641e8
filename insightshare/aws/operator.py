"""An operator's own workplace on a deployment: what a job has, on this machine and as this identity. Does no work."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from insightshare.aws.bucket_files import BucketFiles
from insightshare.aws.deployment import Deployment
from insightshare.aws.dynamodb import DynamoRegistry
from insightshare.aws.glue import GlueCatalog
from insightshare.aws.job_arguments import SOURCES_DATABASE, s3_access
from insightshare.contract.facts import Project
from insightshare.engine.choice import open_engine
from insightshare.jobs.workplace import Workplace


@contextmanager
def operator_workplace(session: boto3.Session, deployment: Deployment, project: Project) -> Iterator[Workplace]:
    """Give the operator a workplace that says nothing; the scratch folder goes afterwards."""
    s3 = session.client("s3")
    with tempfile.TemporaryDirectory(prefix="insightshare-operator-") as folder:
        yield Workplace(
            project=project,
            lake=BucketFiles(s3, deployment.lake),
            landing=BucketFiles(s3, deployment.landing),
            registry=DynamoRegistry(session.client("dynamodb"), deployment.registry),
            sources_catalog=GlueCatalog(session.client("glue"), SOURCES_DATABASE),
            open_engine=lambda name: open_engine(name, s3_access(session, s3.meta.endpoint_url)),
            scratch=Path(folder),
            code_version="operator",
            job_run_id="operator",
            say=lambda line: None,
        )
