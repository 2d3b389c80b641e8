"""What every command starts from: the project, the environment that was named, and its ports. Prints nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insightshare.contract.facts import Agreement, Project
from insightshare.contract.read import load_project
from insightshare.errors import NotFound, UsageError

if TYPE_CHECKING:  # boto3 takes a while to import, and lint does without it
    import boto3

    from insightshare.aws.deployment import Deployment
    from insightshare.aws.reader import Reader
    from insightshare.publish.erasure import Editor
    from insightshare.publish.ports import Ports
    from insightshare.publish.scrubbing import Subject


@dataclass(frozen=True)
class Desk:
    """The project's folder, the environment's name, and today in UTC."""

    root: Path
    environment: str
    today: date

    @cached_property
    def project(self) -> Project:
        """Everything that the project's files say; raises ProjectInvalid where one is wrong."""
        return load_project(self.root)

    @cached_property
    def deployment(self) -> "Deployment":
        """The named environment, with this process pointed at the local AWS where it is the local one."""
        from insightshare.aws.deployment import Deployment
        from insightshare.aws.laptop import use_local_cloud

        chosen = self.project.environments.get(self.environment)
        if chosen is None:
            choices = ", ".join(self.project.environments)
            fix = "add it to project.yaml, or name another with --env"
            raise NotFound.at("--env", "environment", repr(self.environment), f"one of {choices}", fix)
        deployment = Deployment(chosen.name, chosen.account_id, chosen.region)
        use_local_cloud(deployment)
        return deployment

    @cached_property
    def session(self) -> "boto3.Session":
        """The caller's own identity; on the laptop the provider's administrator."""
        from insightshare.aws.session import own_session

        return own_session(self.deployment.region)

    @cached_property
    def ports(self) -> "Ports":
        """What publishing touches in this environment."""
        from insightshare.aws.publishing import deployment_ports

        return deployment_ports(self.session, self.deployment)

    @contextmanager
    def editor(self, insight: str, subject: "Subject") -> "Iterator[Editor]":
        """What finds and takes out one person's rows, with an engine on this machine."""
        from insightshare.aws.operator import operator_workplace
        from insightshare.jobs.erase import RunEditor

        with operator_workplace(self.session, self.deployment, self.project) as place:
            yield RunEditor(place, self.project.insights[insight], subject)

    def reader(self, client: str | None) -> "Reader":
        """The caller as a reader; on the laptop the provider's analyst, or the client that was named."""
        from insightshare.aws.athena import Place
        from insightshare.aws.laptop import LOCAL_ENVIRONMENT, client_session, provider_analyst_session
        from insightshare.aws.reader import Reader
        from insightshare.aws.session import own_workgroup

        deployment = self.deployment
        if client:
            session = client_session(deployment, self.known_client(client))
            return Reader(session, Place(own_workgroup(session), deployment.database))
        local = deployment.environment == LOCAL_ENVIRONMENT
        session = provider_analyst_session(deployment) if local else self.session
        return Reader(session, Place(deployment.provider_workgroup, deployment.database))

    def known_client(self, name: str) -> Agreement:
        """Return the client's agreement; raises NotFound naming the choices."""
        if name not in self.project.clients:
            choices = ", ".join(self.project.clients)
            raise NotFound.at("--as", "client", repr(name), f"one of {choices}", "name a file of clients/")
        return self.project.clients[name]

    def known_insight(self, name: str) -> str:
        """Return the name if it is an insight of the project; raises NotFound naming the choices."""
        if name not in self.project.insights:
            choices = ", ".join(self.project.insights)
            raise NotFound.at("command", "insight", repr(name), f"one of {choices}", "name a folder of insights/")
        return name


def iso_date(text: str) -> str:
    """Return the text if it is a date `YYYY-MM-DD`; raises UsageError if not."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        fix = "write it like 2026-01-31"
        raise UsageError.at("--as-of", "date", repr(text), "a date YYYY-MM-DD", fix) from error
