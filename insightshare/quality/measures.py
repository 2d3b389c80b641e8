"""What a rule on a whole table measures, as SQL: aggregates, or sub-queries over one column. Judges no number."""

from fractions import Fraction

from athenasql import to_duckdb, to_spark
from insightshare.contract.facts import Check, Value
from insightshare.contract.quality_sql import typed_rule
from insightshare.quality.conditions import Target, how_many, literal
from insightshare.quality.dialect import FLOATS, TIMES, Dialect

LARGEST_SQUARABLE = 1e100  # beyond it a deviation overflows, and DuckDB would fail the whole query


def measured(target: Target, check: Check) -> tuple[str, ...]:
    """Return the expressions of the audit's query that a measure needs; what each means is in the matching verdict."""
    if not check.columns or check.kind == "sql":
        return (_of_table(target, check),)
    name = check.columns[0]
    column, kind = target.dialect.quoted(name), target.type_of(name)
    match check.kind:
        case "median":
            return (_quantile(target, column, kind, 0.5),)
        case "quantile":
            return tuple(_quantile(target, column, kind, share) for share, _ in check.quantiles)
        case "filled_share":
            return (f"COUNT({column})", "COUNT(*)")
        case "distinct_count" | "distinct_share":
            return (f"(SELECT COUNT(*) FROM {_counts(target, column)})", f"COUNT({column})")
        case "most_common":
            return _modes(target, check, column, kind)
        case "distinct_in_set" | "distinct_contain" | "distinct_equal":
            return (_strangers(target, check, column, kind), _absent(target, check, column, kind))
        case _:
            return (_aggregate(target.dialect, check.kind, column, kind),)


def _of_table(target: Target, check: Check) -> str:
    match check.kind:
        case "row_count":
            return "COUNT(*)"
        case "column_count":
            return str(len(target.contract.columns))
        case "sql":
            return f"({_stated(target, check)})"
    raise ValueError(f"{check.id}: a check of kind {check.kind} measures nothing of a table")


def _aggregate(write: Dialect, check_kind: str, column: str, kind: str) -> str:
    match check_kind:
        case "mean" | "stdev" | "sum":
            return moment(write, check_kind, column, kind)
        case "min" | "max":
            return _extreme(write, check_kind, column, kind)
        case "freshness":
            return f"MAX({instant(write, column, kind)})"
    raise ValueError(f"a check of kind {check_kind} measures nothing of a column")


def _stated(target: Target, check: Check) -> str:
    column = check.columns[0] if check.columns else ""
    typed = typed_rule(check.sql, target.table, target.contract.types, column)
    return to_duckdb(typed) if target.dialect.name == "duckdb" else to_spark(typed)


def moment(write: Dialect, name: str, column: str, kind: str) -> str:
    """Return the mean, standard deviation or sum of a column; null with NaN, infinity or what would overflow."""
    function = {"mean": "AVG", "stdev": "STDDEV_SAMP", "sum": "SUM"}[name]
    number = f"CAST({column} AS DOUBLE)"
    if kind not in FLOATS:
        return f"{function}({column if name == 'sum' else number})"
    moderate = f"CASE WHEN ABS({number}) <= {write.number(LARGEST_SQUARABLE)} THEN {number} END"
    return f"CASE WHEN COUNT({column}) = COUNT({moderate}) THEN {function}({moderate}) END"


def instant(write: Dialect, column: str, kind: str) -> str:
    """Return a date as days, or a time as microseconds, since 1970: a number that every engine can give."""
    if kind == "date":
        since = f"DATE '1970-01-01', {column}"
        return f"date_diff('day', {since})" if write.name == "duckdb" else f"datediff({column}, DATE '1970-01-01')"
    return f"epoch_us({column})" if write.name == "duckdb" else f"unix_micros(CAST({column} AS TIMESTAMP))"


def at_or_above(upto: str, share: float, total: str) -> str:
    """Return whether a running count has reached a share of the total, in whole numbers."""
    exact = Fraction(str(share))
    return f"{upto} * {exact.denominator} >= {total} * {exact.numerator}"


def _extreme(write: Dialect, name: str, column: str, kind: str) -> str:
    value = instant(write, column, kind) if kind in TIMES else column
    if kind not in FLOATS:
        return f"{name.upper()}({value})"
    number = f"CAST({value} AS DOUBLE)"
    return f"CASE WHEN {how_many(f'isnan({column})')} = 0 THEN {name.upper()}({number}) END"


def _counts(target: Target, column: str) -> str:
    """The distinct values and how often each occurs; a grouping, which spills where it does not fit."""
    found = f"(SELECT {column} AS _v FROM {target.relation}) AS found"
    grouped = f"SELECT _v, COUNT(*) AS _n FROM {found} WHERE _v IS NOT NULL GROUP BY _v"
    return f"({grouped}) AS counts"


def _quantile(target: Target, column: str, kind: str, share: float) -> str:
    """The smallest value with at least this share of all values at or below it; NaN is the greatest of all."""
    value = instant(target.dialect, "_v", kind) if kind in TIMES else "_v"
    running = f"SELECT _v, SUM(_n) OVER (ORDER BY _v) AS upto, SUM(_n) OVER () AS total FROM {_counts(target, column)}"
    return f"(SELECT MIN({value}) FROM ({running}) AS running WHERE {at_or_above('upto', share, 'total')})"


def _modes(target: Target, check: Check, column: str, kind: str) -> tuple[str, ...]:
    """How many values are the most frequent, and how many of these are permitted."""
    ranked = f"SELECT _v, _n, MAX(_n) OVER () AS most FROM {_counts(target, column)}"
    return tuple(
        f"(SELECT COUNT(*) FROM ({ranked}) AS ranked WHERE _n = most{extra})"
        for extra in ("", f" AND _v IN ({_listed(target.dialect, check, kind)})")
    )


def _strangers(target: Target, check: Check, column: str, kind: str) -> str:
    """How many rows hold a value that is not listed."""
    return how_many(f"{column} NOT IN ({_listed(target.dialect, check, kind)})")


def _absent(target: Target, check: Check, column: str, kind: str) -> str:
    """How many of the listed values no row holds."""
    values: list[Value] = list(dict.fromkeys(check.values))
    equal = [f"{column} = {literal(target.dialect, value, kind)}" for value in values]
    present = " + ".join(f"COALESCE(MAX(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in equal)
    return f"{len(values)} - ({present})"


def _listed(write: Dialect, check: Check, kind: str) -> str:
    return ", ".join(literal(write, value, kind) for value in check.values)
