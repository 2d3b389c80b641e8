"""What a reader sees of a run besides its rows: one pure function, for every door. Reads nothing, prints nothing.

- Without an agreement in force on the insight: nothing.
- The public receipt: all of it, as in the table `insight_receipts`.
- The profile and who moved where: only of a run that the reader can query now, and only of the agreement's columns.
- An agreement that filters rows: the profile that was computed over exactly these rows when the run was made, or none;
  and never who moved where, which is counted over all rows.
- Classified columns (confidential, restricted, or personal) show no value of a row: no extremes, quantiles, histogram
  or frequent values; restricted ones not even a mean.
- Below the minimum cell (ours, or a larger one that the contract promises of an inferred column) there is no such value
  either, and a group that small shows no count; so that its count does not follow from the total, others are withheld
  with it until they are a cell together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from insightshare.contract.facts import Agreement, Field, Grant, Insight, TableKind

# The Centers for Medicare & Medicaid Services show no cell of 1 to 10 (CMS cell size suppression policy).
MINIMUM_CELL = 11
_COUNTS = ("count", "nulls", "not_finite", "distinct")
_MOMENTS = ("mean", "stdev")
_EXTREMES = ("min", "max", "min_length", "max_length", "quantiles")
_CLASSIFIED = ("confidential", "restricted")


@dataclass(frozen=True)
class RunData:
    """What the manifest holds of a run that is data, and the tables that show the run now (none: nobody reads it)."""

    profile: Mapping[str, Any] = field(hash=False)
    reader_profiles: Sequence[Mapping[str, Any]] = field(hash=False)
    moves: Sequence[Mapping[str, Any]] = field(hash=False)
    shown_by: frozenset[TableKind]


def visible(
    receipt: Mapping[str, Any], run: RunData, insight: Insight, agreement: Agreement, today: date
) -> dict[str, Any] | None:
    """Return the receipt with `profile` and `moves` as this client may see them; None if it may see nothing.

    `profile` is by column, `moves` a list; each is None where there is none for this reader.
    """
    grant = next((grant for grant in agreement.grants if grant.insight == insight.name), None)
    if grant is None or not agreement.in_force(today):
        return None
    reaches_it = not run.shown_by.isdisjoint(grant.tables)
    return {
        **receipt,
        "profile": _profile(run, insight, grant) if reaches_it else None,
        "moves": _moves(run, insight, grant) if reaches_it and not grant.rows else None,
    }


def _profile(run: RunData, insight: Insight, grant: Grant) -> dict[str, dict[str, Any]] | None:
    found: Mapping[str, Any] | None = run.profile
    if grant.rows:
        own = [entry["profile"] for entry in run.reader_profiles if entry["rows"] == grant.rows]
        found = own[0] if own else None
    if not found:
        return None
    return {
        column.name: _column(column, found[column.name]) for column in _columns(insight, grant) if column.name in found
    }


def _moves(run: RunData, insight: Insight, grant: Grant) -> list[dict[str, Any]]:
    shown = []
    for column in _columns(insight, grant):
        own = [move for move in run.moves if move["column"] == column.name]
        if column.classification != "restricted":
            counts = _large_enough([move["entities"] for move in own], _cell(column))
            shown += [{**move, "entities": count} for move, count in zip(own, counts, strict=True)]
    return shown


def _columns(insight: Insight, grant: Grant) -> list[Field]:
    return [column for column in insight.columns if grant.columns is None or column.name in grant.columns]


def _column(column: Field, found: Mapping[str, Any]) -> dict[str, Any]:
    """An allow-list: a measure that is not named here is not shown."""
    classified = column.personal or column.classification in _CLASSIFIED
    cell = _cell(column)
    enough = found["count"] >= cell
    names = list(_COUNTS)
    # The mean of values that are all the same is everybody's value.
    if enough and column.classification != "restricted" and not (classified and found.get("distinct", 2) < 2):
        names += _MOMENTS
    if enough and not classified:
        names += _EXTREMES
    shown = {name: found[name] for name in names if name in found}
    if enough and not classified:
        if found.get("histogram"):
            shown["histogram"] = {**found["histogram"], "counts": _large_enough(found["histogram"]["counts"], cell)}
        if "top" in found:
            shown["top"] = [item for item in found["top"] if item["count"] >= cell]
    return shown


def _cell(column: Field) -> int:
    return max(MINIMUM_CELL, column.inferred.minimum_cell if column.inferred else 0)


def _large_enough(counts: Sequence[int], cell: int) -> list[int | None]:
    """The counts without those of groups smaller than a cell; zero is no group."""
    smallest_first = sorted((count, place) for place, count in enumerate(counts) if count)
    withheld: list[int] = []
    total = 0
    for count, place in smallest_first:
        if count >= cell and (total == 0 or total >= cell):
            break
        withheld.append(place)
        total += count
    return [None if place in withheld else count for place, count in enumerate(counts)]
