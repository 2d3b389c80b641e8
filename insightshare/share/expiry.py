"""When an agreement ends, what then goes, and who is told before. Revokes nothing, sends nothing.

The rule, once: start and end are days in UTC, and both are included. Who may read until "2027-10-31" reads all of that
day and nothing from 00:00 UTC of 2027-11-01 on. Terraform grants by the same rule (`clients_in_force` in
infra/project.tf), and what is past its end is left out there as it is taken away here: whichever comes first.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from insightshare.errors import PlatformError
from insightshare.share.grant_steps import Step, database_resource, filter_resource

NOTICE_DAYS = (30, 7, 1)
_SUBJECT_CHARACTERS = 100  # SNS takes fewer than 100 in a subject


@dataclass(frozen=True)
class Share:
    """What one agreement was last deployed as: who is granted, on which tables, from which day to which."""

    client: str
    principal: str
    """The client's account id, or the ARN of its role in our account."""
    grant_option: bool
    tables: tuple[str, ...]
    contact: str
    start: date
    end: date

    def ended(self, today: date) -> bool:
        """Whether the last day is over."""
        return today > self.end


@dataclass(frozen=True)
class Catalog:
    """Where the tables are: our account and the database."""

    account_id: str
    database: str


@dataclass(frozen=True)
class Notice:
    """One message before an end: sent once per client, end and number of days."""

    client: str
    end: date
    days: int
    """Which of the notices this is: the one of 30, 7 or 1 days."""
    days_left: int

    @property
    def key(self) -> str:
        """What is remembered of it once it was sent; another end has notices of its own."""
        return f"{self.end.isoformat()}#{self.days:03d}"

    @property
    def subject(self) -> str:
        """The message's first line, in as many characters as SNS takes."""
        return f"insightshare: {self.client} reads until {self.end.isoformat()} ({_in_days(self.days_left)})"[
            : _SUBJECT_CHARACTERS - 1
        ]

    @property
    def text(self) -> str:
        """The message: what ends, when exactly, and what to do."""
        return (
            f"The agreement with {self.client} ends {_in_days(self.days_left)}: "
            f"queries are answered until the end of {self.end.isoformat()} (UTC), and refused from then on.\n"
            f"To go on, agree on a new end; it is one line of clients/{self.client}.yaml and the next deployment.\n"
            "If it may end, nothing is to be done.\n"
        )


def due_notice(share: Share, today: date) -> Notice | None:
    """Return the notice that this day asks for, or None; whether it was sent already is not known here.

    Of the three the one with the fewest days that still fits: one missed in an outage is made up for, and an agreement
    of five days has the notice of seven.
    """
    left = (share.end - today).days
    fitting = [days for days in NOTICE_DAYS if 0 <= left <= days]
    if not fitting or today < share.start:
        return None
    return Notice(share.client, share.end, min(fitting), left)


def ending_steps(share: Share, catalog: Catalog, today: date) -> tuple[Step, ...]:
    """Return what takes an ended share away: reading first; empty until its last day is over.

    The steps are the same each day, and find nothing left from the second on: who did not look cannot overlook.
    Filters stay, which give nothing by themselves: they are Terraform's, and go with the next deployment.
    """
    if not share.ended(today):
        return ()
    tables = sorted(share.tables)
    cells = [filter_resource(catalog.account_id, catalog.database, table, share.client) for table in tables]
    database = database_resource(catalog.account_id, catalog.database)
    select, describe = ("SELECT",), ("DESCRIBE",)
    return (
        *(Step("revoke", one, select, select if share.grant_option else ()) for one in cells),
        Step("revoke", database, describe, describe if share.grant_option else ()),
    )


def latest_first(shares: Iterable[Share]) -> list[Share]:
    """Return the shares in the order to look after them: notices, then what ended last; what is long over waits."""
    return sorted(shares, key=lambda share: share.end, reverse=True)


def read_shares(text: str, source: str) -> tuple[Catalog, tuple[Share, ...]]:
    """Return what the deployment wrote down; raise PlatformError naming `source` where it is not that."""
    try:
        document = json.loads(text)
        catalog = Catalog(document["account_id"], document["database"])
        return catalog, tuple(_share(one) for one in document["shares"])
    except (ValueError, KeyError, TypeError) as error:
        found, fix = f"[{type(error).__name__}: {error}]", "deploy again, which writes it"
        raise PlatformError.at(source, "shares", found, "what infra/expiry.tf writes", fix) from error


def event_day(event: dict[str, Any]) -> date:
    """Return the day, in UTC, of the event's `time`, as EventBridge writes it; raise PlatformError without one."""
    time = event.get("time")
    try:
        return datetime.strptime(str(time), "%Y-%m-%dT%H:%M:%SZ").date()
    except ValueError as error:
        expected, fix = "a moment as 2026-11-21T00:05:00Z", "let the schedule pass its own"
        raise PlatformError.at("event", "time", repr(time), expected, fix) from error


def _share(one: dict[str, Any]) -> Share:
    return Share(
        client=one["client"],
        principal=one["principal"],
        grant_option=one["grant_option"],
        tables=tuple(one["tables"]),
        contact=one["contact"],
        start=date.fromisoformat(one["start"]),
        end=date.fromisoformat(one["end"]),
    )


def _in_days(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
