"""A contract's checks and its profile as one aggregate query in DuckDB's SQL. Runs nothing and judges nothing."""

from collections.abc import Iterator
from typing import assert_never

from insightshare.contract.facts import Check, Contract, Field, Value

_FLOATS = ("double", "float", "real")
_NUMBERS = (*_FLOATS, "tinyint", "smallint", "int", "integer", "bigint", "decimal")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LARGEST_SQUARABLE = 1e100  # beyond it a deviation overflows, and DuckDB would fail the whole query


def audit_query(contract: Contract, table: str) -> str:
    """Return the query whose one row holds `rows`, a count per check (`check_<id>`) and the profile's measures.

    A check's count is of the rows that break it; for `unique`, of the rows in excess of the distinct keys.
    """
    measures = ["COUNT(*) AS rows"]
    measures += [f"{_broken_count(contract, check)} AS {quoted('check_' + check.id)}" for check in counted(contract)]
    for column in contract.columns:
        measures += [f"{sql} AS {quoted(measure_name(column.name, name))}" for name, sql in _profile(column)]
    return f"SELECT {', '.join(measures)} FROM {quoted(table)}"


def failing_rows_query(contract: Contract, check: Check, table: str, limit: int) -> str:
    """Return the query that yields the keys, as text, of the first rows that break `check`, in key order."""
    key = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in contract.key)
    order = ", ".join(f"{quoted(name)} NULLS LAST" for name in contract.key)
    if check.kind == "unique":
        columns = ", ".join(quoted(name) for name in check.columns)
        condition = f"QUALIFY COUNT(*) OVER (PARTITION BY {columns}) > 1"
    else:
        condition = f"WHERE {_broken(contract, check)}"
    return f"SELECT {key} FROM {quoted(table)} {condition} ORDER BY {order} LIMIT {limit}"


def counted(contract: Contract) -> list[Check]:
    """Return the checks that need a count of their own: not the schema's, and not those on the number of rows."""
    return [check for check in contract.checks if check.kind not in ("schema", "row_count")]


def measure_name(column: str, name: str) -> str:
    """Return what a profile measure is called in the query's row."""
    return f"profile_{column}_{name}"


def profile_measures(column: Field) -> tuple[str, ...]:
    """Return the names of the measures that a column of this type has."""
    return tuple(name for name, _ in _profile(column))


def quoted(identifier: str) -> str:
    """Return an identifier as SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def _broken_count(contract: Contract, check: Check) -> str:
    if check.kind == "unique":
        key = ", ".join(quoted(name) for name in check.columns)
        return f"COUNT(*) - COUNT(DISTINCT ROW({key}))"
    return f"COUNT(*) FILTER (WHERE {_broken(contract, check)})"


def _broken(contract: Contract, check: Check) -> str:
    """The condition that holds for the rows that break a row-wise check."""
    column = quoted(check.columns[0]) if check.columns else ""
    match check.kind:
        case "not_null":
            return f"{column} IS NULL"
        case "set":
            return f"{column} NOT IN ({', '.join(_literal(value) for value in check.values)})"
        case "range":
            return " OR ".join(_out_of_range(column, contract.types[check.columns[0]], check)) or "FALSE"
        case "unique" | "schema" | "row_count":
            raise ValueError(f"{check.id}: a check of kind {check.kind} is not about single rows")
        case _ as never:
            assert_never(never)


def _out_of_range(column: str, kind: str, check: Check) -> Iterator[str]:
    if kind in _FLOATS:
        yield f"isnan({column})"  # DuckDB takes NaN for greater than every number: only a maximum would catch it
    if check.minimum is not None:
        yield f"{column} < {check.minimum!r}"
    if check.maximum is not None:
        yield f"{column} > {check.maximum!r}"


def _profile(column: Field) -> Iterator[tuple[str, str]]:
    name = quoted(column.name)
    yield "count", f"COUNT({name})"
    yield "nulls", f"COUNT(*) - COUNT({name})"
    base = column.type.partition("(")[0]
    if base in ("array", "map", "struct") or "<" in base:
        return
    yield "distinct", f"COUNT(DISTINCT {name})"
    if base not in _NUMBERS:
        return
    number = f"CASE WHEN isfinite(CAST({name} AS DOUBLE)) THEN CAST({name} AS DOUBLE) END"
    if base in _FLOATS:
        yield "not_finite", f"COUNT(*) FILTER (WHERE NOT isfinite(CAST({name} AS DOUBLE)))"
    yield "min", f"MIN({number})"
    yield "max", f"MAX({number})"
    moderate = f"CASE WHEN ABS({number}) <= {_LARGEST_SQUARABLE} THEN {number} END"
    for measure, function in (("mean", "AVG"), ("stdev", "STDDEV_SAMP")):
        yield measure, f"CASE WHEN COUNT({number}) = COUNT({moderate}) THEN {function}({moderate}) END"
    listed = ", ".join(str(quantile) for quantile in QUANTILES)
    yield "quantiles", f"quantile_disc({number}, [{listed}])"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
