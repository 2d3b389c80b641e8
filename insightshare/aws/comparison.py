"""Two runs compared through Athena, as the reader who asks: over its own rows and columns. Reads no file itself."""

from typing import Any

from insightshare.aws.reader import Reader
from insightshare.catalog.selection import Selection, select_statement
from insightshare.quality.difference import Difference, Question, difference
from insightshare.quality.drift_queries import Pair


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
