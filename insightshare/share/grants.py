"""The grants that the agreements mean, as one flat, sorted list. Terraform applies and is held to this."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from insightshare.contract.facts import AS_OF, RUN_ID, Agreement, Grant, Insight, Project, TableKind

RECEIPTS_TABLE = "insight_receipts"
_SUFFIXES: Mapping[TableKind, str] = {"history": "", "latest": "_latest", "runs": "_runs"}
# Partition keys are always visible and cannot be in a filter's column list; elsewhere the same columns are ordinary.
_ORDINARY_EXTRAS: Mapping[TableKind, tuple[str, ...]] = {"history": (), "latest": (AS_OF,), "runs": (AS_OF,)}
_PARTITION_KEYS: Mapping[TableKind, str | None] = {"history": AS_OF, "latest": None, "runs": RUN_ID}


@dataclass(frozen=True, order=True)
class DesiredGrant:
    """One client's SELECT on one table through one data cells filter.

    `columns` is the filter's include list in the table's order, partition keys left out because Lake Formation always
    shows them; empty means all columns. `row_filter` is in Lake Formation's grammar; empty means all rows.
    """

    client: str
    account_id: str
    table: str
    columns: tuple[str, ...]
    row_filter: str
    with_grant_option: bool


def desired_grants(project: Project, today: date) -> list[DesiredGrant]:
    """Return every grant of every agreement in force on `today`, sorted; agreements outside their dates give none."""
    in_force = [agreement for agreement in project.clients.values() if agreement.in_force(today)]
    grants = [grant for agreement in in_force for grant in _grants_of(agreement, project.insights)]
    return sorted(grants + [_receipts_grant(agreement) for agreement in in_force])


def _grants_of(agreement: Agreement, insights: Mapping[str, Insight]) -> Iterator[DesiredGrant]:
    for grant in (one for one in agreement.grants if one.columns != ()):  # a filter without columns is one on all
        columns = grant.columns_of(insights[grant.insight])
        for kind in grant.tables:
            yield DesiredGrant(
                client=agreement.client,
                account_id=agreement.account_id,
                table=table_name(grant.insight, kind),
                columns=columns + _ORDINARY_EXTRAS[kind],
                row_filter=grant.rows or "",
                with_grant_option=agreement.reads_from == "own_account",
            )


def _receipts_grant(agreement: Agreement) -> DesiredGrant:
    return DesiredGrant(
        client=agreement.client,
        account_id=agreement.account_id,
        table=RECEIPTS_TABLE,
        columns=(),
        row_filter=receipts_filter(agreement),
        with_grant_option=agreement.reads_from == "own_account",
    )


def receipts_filter(agreement: Agreement) -> str:
    """Return the row filter of the receipts: a client reads those of exactly the insights that it reads."""
    names = sorted({grant.insight for grant in agreement.grants})
    return " OR ".join(f"insight = '{name}'" for name in names)


def table_name(insight: str, kind: TableKind) -> str:
    """Return what one of an insight's tables is called: `churn`, `churn_latest` or `churn_runs`."""
    return insight + _SUFFIXES[kind]


def partition_keys(project: Project) -> dict[str, str | None]:
    """Return the partition key of every table that a client may be granted, None where it has none."""
    keys = {
        table_name(insight, kind): _PARTITION_KEYS[kind] for insight in project.insights for kind in _PARTITION_KEYS
    }
    return {**keys, RECEIPTS_TABLE: None}


def visible_columns(grant: Grant, insight: Insight, kind: TableKind) -> tuple[str, ...]:
    """Return every column that a reader of that table sees, partition key last."""
    columns = grant.columns_of(insight) + _ORDINARY_EXTRAS[kind]
    key = _PARTITION_KEYS[kind]
    return columns if key is None else (*columns, key)
