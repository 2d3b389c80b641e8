"""Engines that read cached objects and nothing else, each lent to one query at a time and emptied after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from localcloud.athena import objects

# Kept, for to start an engine costs more than most queries; never more than queries that ever ran at a time.
_IDLE: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def sealed() -> Iterator[duckdb.DuckDBPyConnection]:
    """A sealed engine with nothing in it, for one query alone: whatever that makes goes with its database."""
    try:
        engine = _IDLE.pop()
    except IndexError:
        engine = _started()
    try:
        with engine.cursor() as connection:  # to interrupt it stops this query, never the engine's next
            connection.execute("""ATTACH ':memory:' AS "#query"; USE "#query" """)
            yield connection
    finally:
        _empty(engine)


def seal(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on DuckDB reads cached objects and nothing else, and cannot be told otherwise."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")
    folder = str(objects.cache_folder()).replace("'", "''")
    connection.execute(f"SET allowed_directories = ['{folder}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _started() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    seal(made)
    return made


def _empty(engine: duckdb.DuckDBPyConnection) -> None:
    """Keep the engine, with nothing left of the query; one that cannot be emptied ends."""
    try:
        engine.execute('DETACH "#query"')
    except duckdb.Error:
        engine.close()
    else:
        _IDLE.append(engine)
