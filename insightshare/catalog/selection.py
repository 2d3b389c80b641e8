"""The SQL that fetches an insight: which table, which columns, which run. Runs nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from insightshare.catalog.description import LATEST_SUFFIX, RUNS_SUFFIX
from insightshare.errors import UsageError

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,127}")
_RUN_ID = re.compile(r"[0-9TZ]{10,32}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Selection:
    """What a reader wants of one insight.

    `columns` empty means every column that the reader may see. `as_of` asks for the current run of that date, `run_id`
    for one pinned run, neither for the newest date.
    """

    insight: str
    columns: tuple[str, ...] = ()
    as_of: date | None = None
    run_id: str | None = None
    limit: int | None = None


def select_statement(database: str, selection: Selection) -> str:
    """Return the Athena SQL for `selection`.

    Raises UsageError when a part of it could not be a name, a run or a row count.
    """
    if selection.as_of and selection.run_id:
        raise UsageError.at("selection", "as_of, run_id", "both", "one of them", "leave one out: a run has one as_of")
    condition = _condition(selection)
    table = table_name(selection)
    statement = (
        f"SELECT {_column_list(selection.columns)} FROM {_quoted('database', database)}.{_quoted('insight', table)}"
    )
    if condition:
        statement += f" WHERE {condition}"
    if selection.limit is not None:
        if selection.limit < 0:
            raise UsageError.at("selection", "limit", str(selection.limit), "a number of rows", "give 0 or more")
        statement += f" LIMIT {selection.limit}"
    return statement


def table_name(selection: Selection) -> str:
    """Return which of the insight's three tables holds what is wanted."""
    if selection.run_id:
        return selection.insight + RUNS_SUFFIX
    return selection.insight if selection.as_of else selection.insight + LATEST_SUFFIX


def _condition(selection: Selection) -> str:
    if selection.run_id:
        if not _RUN_ID.fullmatch(selection.run_id):
            raise UsageError.at("selection", "run_id", "the text given", "a run id", "take one from the receipts")
        return f"run_id = '{selection.run_id}'"
    return f"as_of = '{selection.as_of.isoformat()}'" if selection.as_of else ""


def _column_list(columns: Sequence[str]) -> str:
    return ", ".join(_quoted("columns", name) for name in columns) or "*"


def _quoted(field: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError.at("selection", field, repr(name), "a name", "use lower-case letters, digits and underscores")
    return f'"{name}"'
