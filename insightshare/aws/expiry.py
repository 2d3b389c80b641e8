"""What ends shares, joined to AWS: the deployment's own record, grants, notices. Decides neither what ends nor when."""

from dataclasses import dataclass

import boto3

from insightshare.aws.grants import ClientGrants
from insightshare.aws.notices import Notices
from insightshare.aws.s3 import S3Storage
from insightshare.aws.session import own_session
from insightshare.share.expiry import Catalog, Share, read_shares

LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Where the deployment wrote its shares down, where notices are remembered and sent."""

    bucket: str
    key: str
    registry: str
    topic_arn: str


class DeployedShares:
    """What was shared by the last deployment."""

    def __init__(self, session: boto3.Session, settings: Settings) -> None:
        self._settings = settings
        self._storage = S3Storage(session.client("s3"), settings.bucket)
        self._lakeformation = session.client("lakeformation")
        self.notices = Notices(session.client("sns"), settings.topic_arn, session.client("dynamodb"), settings.registry)

    def read(self) -> tuple[Catalog, tuple[Share, ...]]:
        """Return where the tables are, and every share."""
        stored = self._storage.read(self._settings.key, LIMIT_BYTES) or b""
        return read_shares(stored.decode(), self._storage.uri(self._settings.key))

    def grants(self, share: Share) -> ClientGrants:
        """Return what changes this share's grants."""
        return ClientGrants(self._lakeformation, share.principal)


def own_shares(settings: Settings) -> DeployedShares:
    """Return the shares as the identity sees them that this process runs under."""
    return DeployedShares(own_session(), settings)
