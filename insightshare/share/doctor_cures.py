"""The commands that cure, as text to paste: AWS's own command line, with every argument filled in. Runs nothing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

IAM_ALLOWED = "IAM_ALLOWED_PRINCIPALS"


def aws(words: str, region: str = "", **options: object) -> str:
    """Return `aws <words> --option value …`, in the order given; mappings and lists become JSON."""
    given = {**options, "region": region} if region else options
    pairs = [f"--{name.replace('_', '-')} {shlex.quote(_text(value))}" for name, value in given.items()]
    return " ".join(["aws", words, *pairs])


def grant(region: str, principal: str, resource: dict[str, Any], *permissions: str) -> str:
    """Return the command that makes one grant of Lake Formation."""
    return _permissions("grant", region, principal, resource, permissions)


def revoke(
    region: str, principal: str, resource: Mapping[str, Any], permissions: Iterable[str], grantable: Iterable[str]
) -> str:
    """Return the command that takes one grant of Lake Formation back, with the right to pass it on."""
    return _permissions("revoke", region, principal, resource, permissions, grantable)


def database(catalog_id: str, name: str) -> dict[str, Any]:
    return {"Database": {"CatalogId": catalog_id, "Name": name}}


def table(catalog_id: str, database: str, name: str) -> dict[str, Any]:
    return {"Table": {"CatalogId": catalog_id, "DatabaseName": database, "Name": name}}


def listed(names: Iterable[str]) -> str:
    """The names in order, with commas."""
    return ", ".join(sorted(names))


def _permissions(
    verb: str,
    region: str,
    principal: str,
    resource: Mapping[str, Any],
    permissions: Iterable[str],
    grantable: Iterable[str] = (),
) -> str:
    option = f" --permissions-with-grant-option {' '.join(sorted(grantable))}" if grantable else ""
    return aws(
        f"lakeformation {verb}-permissions --permissions {' '.join(sorted(permissions))}{option}",
        region,
        principal={"DataLakePrincipalIdentifier": principal},
        resource=resource,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
