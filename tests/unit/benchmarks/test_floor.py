"""The floor is only one if it works under the engine's own settings; it imports none of them, to start as it would."""

from benchmarks.ours.floor import PARQUET, SETTINGS
from insightshare.engine.duckdb import MEMORY_LIMIT, ROW_GROUP_ROWS


def test_the_floor_has_the_engines_memory_and_row_groups() -> None:
    assert (SETTINGS["memory_limit"], f"ROW_GROUP_SIZE {ROW_GROUP_ROWS}" in PARQUET) == (MEMORY_LIMIT, True)
