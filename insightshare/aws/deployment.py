"""The names of one deployment's resources, which Terraform gives by the same rule. Asks AWS nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """One environment of the provider's side: what its buckets, jobs and tables are called."""

    environment: str
    account_id: str
    region: str
    database: str = "insights"

    @property
    def prefix(self) -> str:
        return f"insightshare-{self.environment}"

    @property
    def lake(self) -> str:
        return self._bucket("lake")

    @property
    def landing(self) -> str:
        return self._bucket("landing")

    @property
    def results(self) -> str:
        return self._bucket("results")

    @property
    def trail(self) -> str:
        """The bucket of CloudTrail's log files."""
        return self._bucket("trail")

    @property
    def registry(self) -> str:
        return f"{self.prefix}-registry"

    @property
    def event_bus(self) -> str:
        return f"{self.prefix}-insights"

    @property
    def register_queue(self) -> str:
        return f"{self.prefix}-register.fifo"

    @property
    def provider_workgroup(self) -> str:
        return f"{self.prefix}-provider"

    @property
    def analyst_role_arn(self) -> str:
        return self.role_arn(f"{self.prefix}-provider-analyst")

    @property
    def lakeformation_role_arn(self) -> str:
        """The role as which Lake Formation reads the lake."""
        return self.role_arn(f"{self.prefix}-lakeformation")

    def job(self, task: str) -> str:
        """The Glue job of a task: `land`, `train` or `score`."""
        return f"{self.prefix}-{task}"

    def client_role_arn(self, client: str) -> str:
        """The role in our account of a client that reads from our account."""
        return self.role_arn(f"{self.prefix}-client-{client}")

    def client_workgroup(self, client: str) -> str:
        """The workgroup in our account of a client that reads from our account."""
        return f"{self.prefix}-client-{client}"

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account_id}:role/{name}"

    def _bucket(self, purpose: str) -> str:
        return f"{self.prefix}-{purpose}-{self.account_id}"
