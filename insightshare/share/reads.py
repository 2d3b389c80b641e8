"""CloudTrail's records → who read which of our tables, when, and how much. Knows no agreement and fetches nothing.

Lake Formation writes a `GetDataAccess` per query and table and lends a session for it; S3 writes a `GetObject` per file
that the session reads. The session's name joins the two. A reader of another account is known by its account and by the
unique id of its principal; its name is told only where that account's settings trust ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

WANTED = {"GetDataAccess", "GetObject"}
"""The events that say who read what; all others may be left out."""
_LENT = "AWSLF-"
_QUERY = re.compile(r"queryId: *\"?([0-9A-Za-z-]{1,64})")  # Athena's audit context is no JSON


@dataclass(frozen=True, order=True)
class Read:
    """One table, read by one query. `principal` is an ARN, or a unique id where that is all that we are told."""

    at_utc: datetime
    account_id: str
    principal: str
    engine: str
    query: str
    table: str
    scanned_bytes: int
    files: int
    session: str
    """The name of the session that Lake Formation lent; of reads that share one, the first has its files and bytes."""


def reads_of(
    records: Iterable[Mapping[str, Any]], account_id: str, database: str, days: tuple[date, date]
) -> list[Read]:
    """Return every read of a table of our database that was allowed on the days, both included, in time order.

    A read has all its files, also those that it read after midnight. Records are as CloudTrail writes them, in any
    order, each perhaps twice; what is no read of ours is passed over.
    """
    accesses: dict[str, Mapping[str, Any]] = {}
    files: dict[str, dict[str, int]] = {}
    for record in records:
        if "errorCode" in record:
            continue
        if record.get("eventName") == "GetDataAccess":
            accesses[str(record.get("eventID"))] = record
        elif record.get("eventName") == "GetObject":
            session = _session_name(record)
            if session.startswith(_LENT):
                sent = (record.get("additionalEventData") or {}).get("bytesTransferredOut") or 0
                files.setdefault(session, {})[str(record.get("eventID"))] = int(sent)
    found = sorted(read for access in accesses.values() if (read := _read(access, account_id, database)) is not None)
    whole = [_with_files(read, files.pop(read.session, {})) for read in found]
    return [read for read in whole if days[0] <= read.at_utc.date() <= days[1]]


def _with_files(read: Read, sent: Mapping[str, int]) -> Read:
    return replace(read, scanned_bytes=sum(sent.values()), files=len(sent))


def _read(access: Mapping[str, Any], account_id: str, database: str) -> Read | None:
    """The read that was allowed, before its files are counted."""
    request, more = access.get("requestParameters") or {}, access.get("additionalEventData") or {}
    table = _table(str(request.get("tableArn") or ""), account_id, database)
    if not table:
        return None
    session = str(more.get("lakeFormationRoleSessionName") or "")
    context = str((request.get("auditContext") or {}).get("additionalAuditContext") or "")
    asked = _QUERY.search(context)
    identity = access.get("userIdentity") or {}
    return Read(
        at_utc=datetime.strptime(str(access["eventTime"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        account_id=str(identity.get("accountId") or ""),
        principal=str(more.get("lakeFormationPrincipal") or _principal(identity)),
        engine=str(more.get("requesterService") or "UNKNOWN"),
        query=asked[1] if asked else session,
        table=table,
        scanned_bytes=0,
        files=0,
        session=session,
    )


def _table(arn: str, account_id: str, database: str) -> str:
    """The name of our table behind `arn:aws:glue:<region>:<account>:table/<database>/<name>`; empty for another's."""
    parts = arn.split(":", 5)
    names = parts[5].split("/") if len(parts) == 6 else []
    ours = len(names) == 3 and parts[4] == account_id and names[:2] == ["table", database]
    return names[2] if ours else ""


def _principal(identity: Mapping[str, Any]) -> str:
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return str(issuer.get("arn") or identity.get("arn") or str(identity.get("principalId") or "").partition(":")[0])


def _session_name(record: Mapping[str, Any]) -> str:
    return str((record.get("userIdentity") or {}).get("arn") or "").rpartition("/")[2]
