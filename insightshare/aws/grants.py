"""Lake Formation: carries out single changes of one client's grants, and says what it holds. Decides nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.share.grant_steps import Step

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient

# What Lake Formation answers where there is nothing to take away any more.
_NOTHING_HELD = "No permissions revoked"
_GONE = "EntityNotFoundException"


class ClientGrants:
    """One client's grants: those of its account, or of its role in ours."""

    def __init__(self, client: "LakeFormationClient", principal: str) -> None:
        self._client: Any = client
        self._principal = principal

    def carry_out(self, step: Step) -> bool:
        """Do one step; return False where it takes away what is gone already."""
        with named(f"grants of {self._principal}"):
            try:
                self._call(step)
            except ClientError as error:
                if step.verb == "grant" or not _is_gone(error):
                    raise
                return False
        return True

    def held(self, database: str) -> Iterator[dict[str, Any]]:
        """Yield everything that the principal is granted of the database and its tables, as Lake Formation lists it."""
        arguments: dict[str, Any] = {}  # a principal may only be named together with one resource
        with named(f"grants of {self._principal}"):
            while True:  # there is no paginator for it
                reply = self._client.list_permissions(**arguments)
                for item in reply["PrincipalResourcePermissions"]:
                    holder = item["Principal"]["DataLakePrincipalIdentifier"]
                    if holder == self._principal and database_of(item["Resource"]) == database:
                        yield item
                if not reply.get("NextToken"):
                    return
                arguments["NextToken"] = reply["NextToken"]

    def _call(self, step: Step) -> None:
        call = self._client.grant_permissions if step.verb == "grant" else self._client.revoke_permissions
        call(
            Principal={"DataLakePrincipalIdentifier": self._principal},
            Resource=step.resource,
            Permissions=list(step.permissions),
            PermissionsWithGrantOption=list(step.grantable),
        )


def database_of(resource: dict[str, Any]) -> str:
    """Return the database that a listed resource is or lies in; empty for any other."""
    ((kind, names),) = resource.items()
    return str(names["Name"] if kind == "Database" else names.get("DatabaseName", ""))


def _is_gone(error: ClientError) -> bool:
    return code_of(error) == _GONE or _NOTHING_HELD in str(error)
