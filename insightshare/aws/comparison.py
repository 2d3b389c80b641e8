"""Two runs compared through Athena, as the reader who asks: over its own rows and columns. Reads no file itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from athenasql.types import parse_type
from insightshare.aws.reader import Reader
from insightshare.catalog.selection import Selection, select_statement
from insightshare.quality.difference import Difference, Question, difference
from insightshare.quality.drift import Subject
from insightshare.quality.drift_queries import Pair

_FLOATS = ("real", "double")
_OTHER_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal")
_CATEGORIES = ("varchar", "char", "boolean")


class _Answers:
    """Athena's answers, which are text, as rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self._reader.rows(sql).rows)


def difference_for_reader(reader: Reader, insight: str, runs: tuple[str, str], question: Question) -> Difference:
    """Return how the second run differs from the first, in what the reader may see of both; values of rows are text.

    Raises AccessRefused where the reader may not read the insight's runs or one of the columns.
    """
    before, after = (f"({select_statement(reader.place.database, Selection(insight, run_id=run))})" for run in runs)
    return difference(_Answers(reader), Pair(before, after, "athena"), question)


def question_of(types: Mapping[str, str], key: Sequence[str], columns: Sequence[str], rows: int) -> Question:
    """Return what a reader who knows a table's columns only, by Athena type, asks of two runs of it."""
    kinds = {name: parse_type(types[name]).name for name in columns}
    numbers = {name: kind in _FLOATS for name, kind in kinds.items() if kind in (*_FLOATS, *_OTHER_NUMBERS)}
    categories = tuple(name for name, kind in kinds.items() if kind in _CATEGORIES)
    return Question(Subject(tuple(key), numbers, categories), tuple(columns), rows)
