"""The queries that a client starts from, in Athena's SQL, made of what its share shows. Runs none."""

from __future__ import annotations

from insightshare.share.grants import RECEIPTS_TABLE
from insightshare.share.terms import Terms

SMOKE_QUERY = "smoke"
LATEST = "_latest"
FEW_COLUMNS = 4


def kit_queries(terms: Terms) -> dict[str, str]:
    """Return the queries by name; each is one statement that the client may run as it is."""
    latest = [name for name in sorted(terms.tables) if name.endswith(LATEST)]
    return {
        SMOKE_QUERY: _smoke(terms),
        "runs": f"SELECT insight, as_of, run_id, passed, row_count FROM {RECEIPTS_TABLE} ORDER BY insight, as_of\n",
        **{name.removesuffix(LATEST): _few_rows(terms, name) for name in latest},
    }


def _smoke(terms: Terms) -> str:
    """One row per table; a table that cannot be read stops it, and Athena names the table."""
    counts = [f"SELECT '{name}' AS shared_table, count(*) AS rows_seen FROM {name}" for name in sorted(terms.tables)]
    return "-- One row per table of the share, with the rows that it shows you.\n" + "\nUNION ALL\n".join(counts) + "\n"


def _few_rows(terms: Terms, table: str) -> str:
    columns = terms.tables[table].columns
    shown = [*columns[:FEW_COLUMNS], columns[-1]] if len(columns) > FEW_COLUMNS else columns
    return f"SELECT {', '.join(shown)}\nFROM {table}\nLIMIT 10\n"
