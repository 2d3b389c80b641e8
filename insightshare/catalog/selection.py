"""The SQL that fetches an insight: which table, which columns, which run. Runs nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from insightshare.catalog.description import LATEST_SUFFIX, RUNS_SUFFIX

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

    Raises ValueError, naming the field, when a part of it could not be a name, a run or a row count.
    """
    if selection.as_of and selection.run_id:
        raise ValueError("as_of, run_id: both were given, and a run already has one as_of. Fix: give one of them.")
    table, condition = _table_and_condition(selection)
    statement = f"SELECT {_column_list(selection.columns)} FROM {_quoted('database', database)}.{_quoted('insight', table)}"
    if condition:
        statement += f" WHERE {condition}"
    if selection.limit is not None:
        if selection.limit < 0:
            raise ValueError(f"limit: {selection.limit} is not a number of rows. Fix: give 0 or more.")
        statement += f" LIMIT {selection.limit}"
    return statement


def _table_and_condition(selection: Selection) -> tuple[str, str]:
    if selection.run_id:
        if not _RUN_ID.fullmatch(selection.run_id):
            raise ValueError("run_id: the text given is not a run id. Fix: take one from `insightshare runs`.")
        return selection.insight + RUNS_SUFFIX, f"run_id = '{selection.run_id}'"
    if selection.as_of:
        return selection.insight, f"as_of = '{selection.as_of.isoformat()}'"
    return selection.insight + LATEST_SUFFIX, ""


def _column_list(columns: Sequence[str]) -> str:
    return ", ".join(_quoted("columns", name) for name in columns) or "*"


def _quoted(field: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{field}: {name!r} is not a name. Fix: use lower-case letters, digits and underscores.")
    return f'"{name}"'
