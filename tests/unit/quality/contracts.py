"""A small contract to hold tables against."""

from collections.abc import Sequence
from typing import Any

from insightshare.contract.facts import Check, Field, Source

COLUMNS = (
    Field("id", "bigint", "integer", "The key.", required=True),
    Field("kind", "string", "string", "A kind."),
    Field("score", "double", "number", "A score."),
)
SCHEMA = Check("schema", "schema", ("id", "kind", "score"), "error", "The table has exactly the contract's columns.")
ID_NOT_NULL = Check("id_not_null", "not_null", ("id",), "error", "id is never empty.")
KEY_UNIQUE = Check("key_unique", "unique", ("id",), "error", "No two rows have the same id.")
KIND_KNOWN = Check("kind_known", "set", ("kind",), "error", "A kind is a or b.", values=("a", "b"))
SCORE_IN_RANGE = Check("score_in_range", "range", ("score",), "error", "0 to 1.", minimum=0, maximum=1)
ENOUGH_ROWS = Check("enough_rows", "row_count", (), "error", "At least one row.", minimum=1)
CHECKS = (SCHEMA, ID_NOT_NULL, KEY_UNIQUE, KIND_KNOWN, SCORE_IN_RANGE, ENOUGH_ROWS)


def contract(*checks: Check, columns: Sequence[Field] = COLUMNS, **more: Any) -> Source:
    """A contract with these checks, the schema's always among them."""
    return Source(
        name="things",
        title="Things",
        version="1.0.0",
        description="One row per thing.",
        purpose="",
        usage="",
        limitations="",
        owner="",
        columns=tuple(columns),
        key=("id",),
        checks=(SCHEMA, *(check for check in checks if check != SCHEMA)),
        **more,
    )
