"""A contract's checks and the profile's moments as one query, for DuckDB or Spark. Runs and judges nothing."""

from typing import get_args

from insightshare.contract.facts import Check, Contract, RowRule
from insightshare.quality.conditions import Target, breaks, considered, how_many
from insightshare.quality.dialect import Dialect, DialectName
from insightshare.quality.measures import measured
from insightshare.quality.moments import moments

ROW_RULES = get_args(RowRule)
GROUPED = ("unique", "unique_values", "minimum_cell")
"""Rules on a row among the others that share its values: the rows are grouped by them."""
_NOT_ASKED = ("schema", "columns", "type", "expectation")


def audit_query(contract: Contract, table: str, dialect: DialectName = "duckdb") -> str:
    """Return the query whose one row holds `rows`, the numbers of each check and the moments of each column.

    What a check's numbers mean is said by `insightshare.quality.judged`, which reads them.
    """
    return target_query(Target(contract, table, Dialect(dialect)))


def target_query(target: Target, with_moments: bool = True, without: tuple[str, ...] = ()) -> str:
    """Return the audit's query on a target, perhaps without the moments, or the numbers of some checks."""
    named = {"rows": "COUNT(*)"}
    for check in target.contract.checks:
        if check.kind not in _NOT_ASKED and check.id not in without:
            named |= {answer_name(check, place): sql for place, sql in enumerate(_numbers(target, check))}
    for column in target.contract.columns if with_moments else ():
        named |= moments(target, column)
    listed = ", ".join(f"{sql} AS {target.dialect.quoted(name)}" for name, sql in named.items())
    return f"SELECT {listed} FROM {target.relation}"


def stated_query(target: Target, check: Check) -> str:
    """Return the query for the number of a check of kind "sql" alone."""
    return f"SELECT {measured(target, check)[0]} AS {target.dialect.quoted(answer_name(check, 0))}"


def answer_name(check: Check, place: int) -> str:
    """Return what the number of a check at a place is called in the query's row."""
    return f"check_{check.id}_{place}"


def excess_query(target: Target, check: Check) -> str:
    """Return the query for the numbers of a check of unique rows, where no order of the rows could prove them."""
    return f"SELECT {', '.join(_of_groups(check))} FROM {_groups(target, check)}"


def failing_rows_query(target: Target, check: Check, limit: int) -> str:
    """Return the query that yields the keys, as text, of the first rows that break `check`, in key order."""
    write, key = target.dialect, target.contract.key
    keys = ", ".join(write.as_text(f"chosen.{write.quoted(name)}") for name in key)
    order = ", ".join(f"chosen.{write.quoted(name)} NULLS LAST" for name in key)
    relation = f"(SELECT * FROM {target.relation}) AS chosen"
    if check.kind in GROUPED:
        columns = [write.quoted(name) for name in check.columns]
        wrong = f"SELECT {', '.join(columns)} FROM {_groups(target, check)} WHERE {_wrong_group(check)}"
        same = " AND ".join(f"chosen.{column} IS NOT DISTINCT FROM wrong.{column}" for column in columns)
        relation += f" JOIN ({wrong}) AS wrong ON {same}"
        return f"SELECT {keys} FROM {relation} ORDER BY {order} LIMIT {limit}"
    return f"SELECT {keys} FROM {relation} WHERE {breaks(target, check)} ORDER BY {order} LIMIT {limit}"


def proved_by_order(target: Target, check: Check) -> bool:
    """Whether the rows' order may prove a check of unique rows: the key, which files are sorted by, in DuckDB.

    Spark's rows have no order before a shuffle, which a grouping needs as well.
    """
    return target.dialect.name == "duckdb" and check.kind == "unique" and check.columns == target.contract.order_by


def _numbers(target: Target, check: Check) -> tuple[str, ...]:
    if proved_by_order(target, check):
        return (_ascents(target, check),)
    if check.kind in GROUPED:
        return tuple(f"(SELECT {sql} FROM {_groups(target, check)})" for sql in _of_groups(check))
    if check.kind in ROW_RULES:
        among = considered(target, check)
        return (how_many(breaks(target, check)), _counted(among))
    return measured(target, check)


def _counted(condition: str | None) -> str:
    if condition is None:
        return "COUNT(*)"
    column = condition.removesuffix(" IS NOT NULL")
    plain = condition.endswith(" IS NOT NULL") and " " not in column
    return f"COUNT({column})" if plain else how_many(condition)


def _ascents(target: Target, check: Check) -> str:
    """How many rows have a greater key than the row before them, in whatever order the rows come.

    If all but the first have, every key is another: a proof that needs no order to be promised, and no key to be kept.
    """
    columns = [target.dialect.quoted(name) for name in check.columns]
    before = ", ".join(f"lag({column}) OVER () AS _before_{place}" for place, column in enumerate(columns))
    greater = ""
    for place in reversed(range(len(columns))):
        column, earlier = columns[place], f"_before_{place}"
        deeper = f" OR ({column} = {earlier} AND ({greater}))" if greater else ""
        greater = f"{column} > {earlier}{deeper}"
    rows = f"SELECT {', '.join(columns)}, {before} FROM {target.relation}"
    return f"(SELECT {how_many(greater)} FROM ({rows}) AS ordered)"


def _groups(target: Target, check: Check) -> str:
    columns = ", ".join(target.dialect.quoted(name) for name in check.columns)
    among = considered(target, check)
    where = f" WHERE {among}" if among else ""
    sizes = "COUNT(*) AS _n"
    if check.argument is not None:
        sizes += f", COUNT(DISTINCT {target.dialect.quoted(str(check.argument))}) AS _different"
    return f"(SELECT {columns}, {sizes} FROM {target.relation}{where} GROUP BY {columns}) AS grouped"


def _of_groups(check: Check) -> tuple[str, ...]:
    """For "unique" the rows in excess of the distinct keys, otherwise every row of a wrong group; and all rows."""
    wrong = "SUM(_n - 1)" if check.kind == "unique" else f"SUM(CASE WHEN {_wrong_group(check)} THEN _n ELSE 0 END)"
    return (f"COALESCE({wrong}, 0)", "COALESCE(SUM(_n), 0)")


def _wrong_group(check: Check) -> str:
    if check.kind != "minimum_cell":
        return "_n > 1"
    return f"{'_n' if check.argument is None else '_different'} < {check.minimum}"
