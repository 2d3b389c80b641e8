"""Allow-list: aggregates, windows, arrays and maps. Each line is a Trino signature, then DuckDB, then Spark."""

from __future__ import annotations

from collections.abc import Sequence

from athenasql.functions import Arguments, Function, Template
from athenasql.functions import function as f
from athenasql.types import Type, decimal


def _a(signature: str, duckdb: Template = "same", spark: Template = "same") -> Function:
    return f(signature, duckdb, spark, kind="aggregate")


def _w(signature: str, duckdb: Template = "same", spark: Template = "same") -> Function:
    return f(signature, duckdb, spark, kind="window")


def _total(kinds: Sequence[Type]) -> Type:
    return decimal(38, kinds[0].arguments[1])


_BIG = "CAST(sum({0}){w} AS BIGINT)"
_TYPED = "CAST({name}({{0}}){{w}} AS {{r}})"


def _collected(call: Arguments) -> str:
    """Spark's own drops NULLs and gives an empty array for no rows."""
    value, unique = call.sql[0].removeprefix("DISTINCT "), "DISTINCT " * call.sql[0].startswith("DISTINCT ")
    found = f"collect_list({unique}named_struct('v', {value})){call.window}"
    return f"CASE WHEN count(1){call.window} = 0 THEN NULL ELSE transform({found}, x -> x.v) END"


_DISTINCT = "count(DISTINCT {0}){w}"


def _named(name: str) -> str:
    return _TYPED.format(name=name)


AGGREGATES: list[Function] = [
    _a("count() -> bigint", "count(*){w}", "count(*){w}"),
    _a("count(T) -> bigint"),
    _a("count_if(boolean) -> bigint", "CAST(count_if({0}){w} AS BIGINT)", "count_if({0}){w}"),
    _a("sum(I) -> bigint", _BIG, _BIG),
    _a("sum(F) -> F", _named("sum"), _named("sum")),
    f("sum(M) -> M", _named("sum"), _named("sum"), kind="aggregate", returns=_total),
    _a("avg(I) -> double", "avg({0}){w}", "avg({0}){w}"),
    _a("avg(F) -> F", _named("avg"), _named("avg")),
    _a("avg(M) -> M", _named("avg"), _named("avg")),
    _a("min(T) -> T"),
    _a("max(T) -> T"),
    _a("min_by(T, U) -> T", "arg_min_null({0}, {1}){w}"),
    _a("max_by(T, U) -> T", "arg_max_null({0}, {1}){w}"),
    _a("bool_and(boolean) -> boolean"),
    _a("bool_or(boolean) -> boolean"),
    _a("every(boolean) -> boolean", "bool_and({0}){w}"),
    _a("arbitrary(T) -> T", "any_value({0}){w}", "any_value({0}, true){w}"),
    _a("any_value(T) -> T", "any_value({0}){w}", "any_value({0}, true){w}"),
    _a("array_agg(T) -> array(T)", "array_agg({0}){w}", _collected),
    _a("listagg(varchar, varchar) -> varchar", "string_agg({0}, {1}){w}", None),
    # Trino's are approximations with a stated error; the exact answer is within it, and is the same every time.
    _a("approx_distinct(T) -> bigint", _DISTINCT, _DISTINCT),
    _a("approx_percentile(N, double) -> N",
      "quantile_disc({0}, {1}){w}", "CAST(percentile_disc({1}) WITHIN GROUP (ORDER BY {0}){w} AS {r})"),
    *(
        _a(f"{name}(double) -> double", f"{engine}({{0}}){{w}}", f"{engine}({{0}}){{w}}")
        for name, engine in {
            "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
            "variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop",
        }.items()
    ),
    *(
        _a(f"{name}(double, double) -> double")
        for name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept")
    ),
    _a("geometric_mean(double) -> double", "exp(avg(ln({0})){w})", "exp(avg(ln({0})){w})"),
]  # fmt: skip

WINDOWS: list[Function] = [
    *(
        _w(f"{name}() -> bigint", f"{name}(){{w}}", f"CAST({name}(){{w}} AS BIGINT)")
        for name in ("row_number", "rank", "dense_rank")
    ),
    _w("percent_rank() -> double"),
    _w("cume_dist() -> double"),
    _w("ntile(bigint) -> bigint", "ntile({0}){w}", "CAST(ntile(CAST({0} AS INT)){w} AS BIGINT)"),
    _w("lag(T) -> T"),
    _w("lag(T, bigint) -> T", "lag({0}, CAST({1} AS INTEGER)){w}", "lag({0}, CAST({1} AS INT)){w}"),
    _w("lag(T, bigint, T) -> T", "lag({0}, CAST({1} AS INTEGER), {2}){w}", "lag({0}, CAST({1} AS INT), {2}){w}"),
    _w("lead(T) -> T"),
    _w("lead(T, bigint) -> T", "lead({0}, CAST({1} AS INTEGER)){w}", "lead({0}, CAST({1} AS INT)){w}"),
    _w("lead(T, bigint, T) -> T", "lead({0}, CAST({1} AS INTEGER), {2}){w}", "lead({0}, CAST({1} AS INT), {2}){w}"),
    _w("first_value(T) -> T"),
    _w("last_value(T) -> T"),
    _w("nth_value(T, bigint) -> T", "nth_value({0}, CAST({1} AS INTEGER)){w}", "nth_value({0}, CAST({1} AS INT)){w}"),
]  # fmt: skip

_ZERO = "error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')"
_ELEMENT = f"CASE WHEN ({{1}}) = 0 THEN {_ZERO} ELSE list_extract({{0}}, {{1}}) END"
_UNIQUE = "list_filter({0}, lambda _x, _i: list_position({0}, _x) = _i)"
_ORDERED_SPARK = "array_sort({0})"


def _quantified(decisive: str, otherwise: str) -> str:
    """Three-valued any_match and all_match: one decisive element decides, else a NULL leaves it open."""
    results = "list_transform({0}, {1})"
    unknown = f"len(list_filter({results}, lambda _m: _m IS NULL)) > 0"
    first = f"len(list_filter({results}, lambda _m: _m = {decisive})) > 0"
    tests = f"WHEN {first} THEN {decisive} WHEN {unknown} THEN NULL"
    return f"CASE WHEN ({{0}}) IS NULL THEN NULL {tests} ELSE {otherwise} END"


_ANY, _ALL = _quantified("true", "false"), _quantified("false", "true")


COLLECTIONS: list[Function] = [
    f("cardinality(array(T)) -> bigint", "len({0})", "CAST(cardinality({0}) AS BIGINT)"),
    f("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)", "CAST(cardinality({0}) AS BIGINT)"),
    f("element_at(array(T), bigint) -> T", _ELEMENT, "try_element_at({0}, CAST({1} AS INT))"),
    f("element_at(map(K, V), K) -> V", "map_extract_value({0}, {1})", "try_element_at({0}, {1})"),
    f("contains(array(T), T) -> boolean", "list_contains({0}, {1})", "array_contains({0}, {1})"),
    f("array_distinct(array(T)) -> array(T)", _UNIQUE, "array_distinct({0})"),
    f("array_sort(array(T)) -> array(T)", "list_sort({0}, 'ASC', 'NULLS LAST')", _ORDERED_SPARK),
    f("array_max(array(T)) -> T",
      "CASE WHEN len(list_filter({0}, lambda _x: _x IS NULL)) = 0 THEN list_max({0}) END", None),
    f("array_min(array(T)) -> T",
      "CASE WHEN len(list_filter({0}, lambda _x: _x IS NULL)) = 0 THEN list_min({0}) END", None),
    f("array_join(array(varchar), varchar) -> varchar", "array_to_string({0}, {1})", "array_join({0}, {1})"),
    f("array_join(array(varchar), varchar, varchar) -> varchar",
      "array_to_string(list_transform({0}, lambda _x: coalesce(_x, {2})), {1})", "array_join({0}, {1}, {2})"),
    f("array_position(array(T), T) -> bigint",
      "coalesce(CAST(list_position({0}, {1}) AS BIGINT), 0)", "array_position({0}, {1})"),
    f("slice(array(T), bigint, bigint) -> array(T)",
      "list_slice({0}, {1}, ({1}) + ({2}) - 1)", "slice({0}, CAST({1} AS INT), CAST({2} AS INT))"),
    f("sequence(bigint, bigint) -> array(bigint)",
      "generate_series({0}, {1}, CASE WHEN ({0}) <= ({1}) THEN 1 ELSE -1 END)", "sequence({0}, {1})"),
    f("sequence(bigint, bigint, bigint) -> array(bigint)", "generate_series({0}, {1}, {2})", "sequence({0}, {1}, {2})"),
    f("flatten(array(array(T))) -> array(T)"),
    f("reverse(array(T)) -> array(T)", "list_reverse({0})", "reverse({0})"),
    f("transform(array(T), function(T, U)) -> array(U)", "list_transform({0}, {1})", "transform({0}, {1})"),
    f("filter(array(T), function(T, boolean)) -> array(T)", "list_filter({0}, {1})", "filter({0}, {1})"),
    f("any_match(array(T), function(T, boolean)) -> boolean", _ANY, "exists({0}, {1})"),
    f("all_match(array(T), function(T, boolean)) -> boolean", _ALL, "forall({0}, {1})"),
    f("none_match(array(T), function(T, boolean)) -> boolean", f"NOT ({_ANY})", "NOT exists({0}, {1})"),
    f("map(array(K), array(V)) -> map(K, V)", "map({0}, {1})", "map_from_arrays({0}, {1})"),
    f("map_keys(map(K, V)) -> array(K)"),
    f("map_values(map(K, V)) -> array(V)"),
]  # fmt: skip

GROUPS = [*AGGREGATES, *WINDOWS, *COLLECTIONS]
