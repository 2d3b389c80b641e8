"""What a client is told of its share, as one file, `share.yaml`: kit, guide, smoke query and doctor derive from it.

It comes from one agreement alone, and holds nothing of other clients. Grants nothing, asks AWS nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from insightshare.contract.documents import read_document
from insightshare.contract.facts import Agreement, Environment, Organisation, Project
from insightshare.contract.problems import Problem, shown
from insightshare.errors import ProjectInvalid, UsageError
from insightshare.share.grants import RECEIPTS_TABLE, receipts_filter, table_name, visible_columns

TERMS_FILE = "share.yaml"
DATABASE = "insights"
ANALYST_ROLE = "insightshare-analyst"
_FIX = "take the file from the kit again, or ask the provider for one"
_HEAD = "# What is shared, with whom, until when; both days are included. `insightshare doctor --share` reads this.\n"

AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


@dataclass(frozen=True)
class TableTerms:
    """What the client sees of one table: every column, a partition key last; `rows` None for all of them."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    columns: tuple[str, ...]
    rows: str | None = None


@dataclass(frozen=True)
class Terms:
    """One share, as a client's account needs it. `organisation` inside: no invitations to accept."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    client: Name
    client_account_id: AccountId
    provider_account_id: AccountId
    region: Name
    organisation: Organisation
    database: Name
    tables: Mapping[Name, TableTerms]
    start: date
    end: date
    purpose: str
    contact: str
    workgroup: Name
    results_bucket: Name
    analyst_role: Name
    link: Name


def share_terms(
    project: Project, agreement: Agreement, environment: Environment, receipt_columns: tuple[str, ...]
) -> Terms:
    """Return the terms of a client that reads from its own account; `receipt_columns` are those of `insight_receipts`.

    Raises UsageError for a client that reads from the provider's account: it needs nothing in its own.
    """
    if agreement.organisation is None:
        expected = "one that reads from its own account, and needs a kit there"
        fix = "give it the role in ours and its workgroup instead"
        raise UsageError.at(
            f"clients/{agreement.client}.yaml", "reads_from", agreement.reads_from or "nothing", expected, fix
        )
    return Terms(
        client=agreement.client,
        client_account_id=agreement.account_id,
        provider_account_id=environment.account_id,
        region=environment.region,
        organisation=agreement.organisation,
        database=DATABASE,
        tables=_tables(project, agreement, receipt_columns),
        start=agreement.start,
        end=agreement.end,
        purpose=agreement.purpose,
        contact=agreement.contact,
        workgroup=f"insightshare-{agreement.client}",
        results_bucket=f"insightshare-{agreement.client}-results-{agreement.account_id}",
        analyst_role=ANALYST_ROLE,
        link=DATABASE,  # views and Glue jobs across accounts want the link named like its target
    )


def terms_text(terms: Terms) -> str:
    """Return the text of `share.yaml`: the same terms give the same text."""
    value = asdict(terms)
    value["start"], value["end"] = terms.start.isoformat(), terms.end.isoformat()
    value["tables"] = {name: _table(terms.tables[name]) for name in sorted(terms.tables)}
    return _HEAD + yaml.safe_dump(value, sort_keys=False, width=120, allow_unicode=True)


def write_terms(terms: Terms, path: Path) -> None:
    """Write `share.yaml`."""
    path.write_text(terms_text(terms), encoding="utf-8")


def read_terms(path: Path) -> Terms:
    """Return the terms that a file states; raises ProjectInvalid, one line per mistake, where it states none."""
    document = read_document(path, path.name)
    problems = list(document.problems)
    if not problems:
        try:
            return _TERMS.validate_python(document.value)
        except ValidationError as error:
            problems = [_problem(path.name, dict(one)) for one in error.errors()]
    raise ProjectInvalid(problems)


def _tables(project: Project, agreement: Agreement, receipt_columns: tuple[str, ...]) -> dict[str, TableTerms]:
    shared = {
        table_name(grant.insight, kind): TableTerms(
            visible_columns(grant, project.insights[grant.insight], kind), grant.rows
        )
        for grant in agreement.grants
        for kind in grant.tables
    }
    return {**shared, RECEIPTS_TABLE: TableTerms(receipt_columns, receipts_filter(agreement))}


def _table(table: TableTerms) -> dict[str, object]:
    rows = {} if table.rows is None else {"rows": table.rows}
    return {"columns": list(table.columns), **rows}


def _problem(file: str, error: Mapping[str, object]) -> Problem:
    place = error["loc"]
    field = ".".join(str(part) for part in place) if isinstance(place, tuple) and place else "file"
    kind, found = error["type"], shown(error["input"])
    if kind == "missing":
        return Problem(file, field, "nothing", "a value", _FIX)
    if kind == "unexpected_keyword_argument":
        return Problem(file, field, "the key", "one that a share has", _FIX)
    return Problem(file, field, found, f"what a share says there ({error['msg']})", _FIX)


_TERMS: TypeAdapter[Terms] = TypeAdapter(Terms)
