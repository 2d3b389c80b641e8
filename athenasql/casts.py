"""How each engine converts between types exactly as Athena's CAST and TRY_CAST do. Decides no types."""

from __future__ import annotations

from collections.abc import Callable

from athenasql.types import Type

# What Trino reads from text, as RE2 patterns: DuckDB alone would also take ' 12', '1.5' for an integer or 'yes'.
_READABLE = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), r"[+-]?\d+"),
    "boolean": r"(?i:t|true|1|f|false|0)",
    "date": r"\s*[+-]?\d{4,}-\d{1,2}-\d{1,2}\s*",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
}


def _duckdb(text: str, source: Type, target: Type, spelled: str, safe: bool) -> str:
    cast = "TRY_CAST" if safe else "CAST"
    if target.name == "varchar":
        return _shortened(_duckdb_text(text, source), target)
    if source.name in ("varchar", "char") and target.name in _READABLE:
        failure = "NULL" if safe else f"error('INVALID_CAST_ARGUMENT: Cannot cast varchar to {target.name}')"
        pattern = _READABLE[target.name]
        return (
            f"CASE WHEN ({text}) IS NULL THEN NULL WHEN NOT regexp_full_match({text}, '{pattern}') THEN {failure}"
            f" ELSE {cast}({text} AS {spelled}) END"
        )
    if source.name in ("real", "double") and target.is_integer:
        return f"{cast}(round({text}) AS {spelled})"
    return f"{cast}({text} AS {spelled})"


def _duckdb_text(text: str, source: Type) -> str:
    if source.name == "timestamp":
        return f"strftime({text}, '%Y-%m-%d %H:%M:%S.%g')"
    return text if source.name == "varchar" else f"CAST({text} AS VARCHAR)"


def _shortened(text: str, target: Type) -> str:
    return f"substr({text}, 1, {target.arguments[0]})" if target.arguments else text


def _spark(text: str, source: Type, target: Type, spelled: str, safe: bool) -> str:
    cast = "TRY_CAST" if safe else "CAST"
    if target.name == "varchar":
        if source.name == "timestamp":
            return _shortened(f"date_format({text}, 'yyyy-MM-dd HH:mm:ss.SSS')", target)
        return _shortened(text if source.name == "varchar" else f"CAST({text} AS STRING)", target)
    if source.name in ("varchar", "char") and target.name in _READABLE:
        pattern = _READABLE[target.name].replace("\\", "\\\\")
        failure = "NULL" if safe else f"raise_error('INVALID_CAST_ARGUMENT: Cannot cast varchar to {target.name}')"
        return (
            f"CASE WHEN ({text}) IS NULL THEN NULL WHEN NOT ({text}) RLIKE '^(?:{pattern})$' THEN {failure}"
            f" ELSE {cast}({text} AS {spelled}) END"
        )
    if source.name in ("real", "double", "decimal") and target.is_integer:
        return f"{cast}(round({text}) AS {spelled})"
    return f"{cast}({text} AS {spelled})"


CASTS: dict[str, Callable[[str, Type, Type, str, bool], str]] = {"DuckDB": _duckdb, "Spark": _spark}
