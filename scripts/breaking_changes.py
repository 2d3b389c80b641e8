"""Refuses a deployment that breaks tables under clients that read them, unless told why; keeps that reason."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from insightshare.aws.deployed import deployed_tables
from insightshare.aws.deployment import Deployment
from insightshare.contract.changes import Change
from insightshare.contract.changes_deployed import deployed_changes
from insightshare.contract.facts import Project
from insightshare.contract.problems import Problem
from insightshare.contract.rules_changes import deployment_problems
from insightshare.errors import ProjectInvalid

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

FOLDER = "forced-changes/"


def refuse_breaking_changes(
    project: Project, deployment: Deployment, session: boto3.Session, reason: str | None, bucket: str
) -> None:
    """Raise ProjectInvalid with a line for each change that breaks a table under its readers, or shows them more.

    With a reason nothing is refused: the reason, the changes and who gave it are kept as an object of `bucket`.
    """
    problems = breaking_changes(project, deployment, session)
    if problems and not reason:
        raise ProjectInvalid(problems)
    if problems and reason:
        found = deployed_changes(deployed_tables(session, deployment.database), project)
        _keep(session, bucket, deployment, reason, found)


def breaking_changes(project: Project, deployment: Deployment, session: boto3.Session) -> list[Problem]:
    """Return each change that is refused unless there is a reason."""
    return deployment_problems(deployed_tables(session, deployment.database), project, datetime.now(UTC).date())


def _keep(session: boto3.Session, bucket: str, deployment: Deployment, reason: str, found: Sequence[Change]) -> None:
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    record = {
        "environment": deployment.environment,
        "forced_at_utc": now,
        "forced_by": session.client("sts").get_caller_identity()["Arn"],
        "reason": reason,
        "changes": [str(change) for change in found],
    }
    s3: S3Client = session.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{deployment.environment}/{FOLDER}{now}.json", Body=json.dumps(record).encode())
