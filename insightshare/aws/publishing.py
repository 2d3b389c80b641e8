"""The ports of publishing, joined to AWS; from settings, or from a Lambda's environment. Calls nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.dynamodb import DynamoRegistry
from insightshare.aws.events import AwsEvents
from insightshare.aws.glue import GlueCatalog
from insightshare.aws.s3 import S3Storage
from insightshare.errors import PlatformError
from insightshare.publish.ports import Ports


@dataclass(frozen=True)
class Settings:
    """Where publishing happens. `queue` is the register queue's name or URL."""

    lake: str
    registry: str
    database: str
    bus: str
    queue: str


def publishing_ports(session: boto3.Session, settings: Settings) -> Ports:
    """Return the ports on these resources, as the session's identity."""
    return Ports(
        storage=S3Storage(session.client("s3"), settings.lake),
        catalog=GlueCatalog(session.client("glue"), settings.database),
        registry=DynamoRegistry(session.client("dynamodb"), settings.registry),
        events=AwsEvents(session.client("events"), settings.bus, session.client("sqs"), settings.queue, settings.lake),
    )


def own_ports(settings: Settings) -> Ports:
    """Return the ports on these resources, as the identity that this process runs under."""
    return publishing_ports(boto3.Session(), settings)


def deployment_ports(session: boto3.Session, deployment: Deployment) -> Ports:
    """Return the ports on a deployment's resources, found by their names."""
    return publishing_ports(
        session,
        Settings(
            lake=deployment.lake,
            registry=deployment.registry,
            database=deployment.database,
            bus=deployment.event_bus,
            queue=deployment.register_queue,
        ),
    )


def settings_from_environment(environment: Mapping[str, str]) -> Settings:
    """Return a Lambda's settings; raise PlatformError naming every variable that is missing."""
    names = {
        "lake": "INSIGHTSHARE_LAKE",
        "registry": "INSIGHTSHARE_REGISTRY",
        "database": "INSIGHTSHARE_DATABASE",
        "bus": "INSIGHTSHARE_BUS",
        "queue": "INSIGHTSHARE_QUEUE",
    }
    absent = ", ".join(sorted(variable for variable in names.values() if not environment.get(variable)))
    if absent:
        fix = "set them in infra/ where the function is defined"
        raise PlatformError.at("Lambda environment", absent, "absent", "set", fix)
    return Settings(**{field: environment[variable] for field, variable in names.items()})
