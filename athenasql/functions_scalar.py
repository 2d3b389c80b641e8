"""Allow-list: numbers, text, conditions, binary and JSON. Each line is a Trino signature, then DuckDB, then Spark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from athenasql.errors import SqlError
from athenasql.functions import Arguments, Function, Template
from athenasql.functions import function as f
from athenasql.types import Type, decimal

_SPACE_DUCKDB = "chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(32)"
_SPACE_SPARK = "concat(char(9), char(10), char(11), char(12), char(13), char(32))"
# DuckDB's regular expressions are RE2's, Trino's and Spark's are Java's: only what means the same in both passes.
_NOT_RE2 = re.compile(r"\(\?<?[=!]|\(\?>|\\[1-9]|\\k<|[*+?}]\+|\\[GZX]|&&")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def spark_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _check_pattern(call: Arguments) -> None:
    if _NOT_RE2.search(call.literal(1, "A regular expression")):
        parts = "look-around, back-references, possessive or atomic parts"
        raise SqlError("NOT_SUPPORTED", f"Regular expressions with {parts} are not supported")


def _regexp(text: str) -> Template:
    def render(call: Arguments) -> str:
        _check_pattern(call)
        return text.format(*call.sql)

    return render


def _replacement(call: Arguments) -> str:
    _check_pattern(call)
    text = call.literal(2, "The replacement of regexp_replace") if len(call.sql) > 2 else ""
    if re.search(r"\$(?!\d)|\\", text):
        raise SqlError("NOT_SUPPORTED", "Replacements with escapes or named groups are not supported")
    return text


def _replace_duckdb(call: Arguments) -> str:
    text = re.sub(r"\$(\d)", r"\\\1", _replacement(call))
    return f"regexp_replace({call.sql[0]}, {call.sql[1]}, {quoted(text)}, 'g')"


def _replace_spark(call: Arguments) -> str:
    return f"regexp_replace({call.sql[0]}, {call.sql[1]}, {spark_quoted(_replacement(call))})"


def _extremum(name: str) -> Template:
    def render(call: Arguments) -> str:
        nothing = " OR ".join(f"({sql}) IS NULL" for sql in call.sql)
        return f"CASE WHEN {nothing} THEN NULL ELSE {name}({', '.join(call.sql)}) END"

    return render


def _remainder(call: Arguments) -> str:
    failure = "error" if call.engine == "DuckDB" else "raise_error"
    zero = f"{failure}('DIVISION_BY_ZERO: Division by zero')"
    return (
        f"CASE WHEN ({call.sql[1]}) = 0 THEN {zero} ELSE CAST(({call.sql[0]}) % ({call.sql[1]}) AS {call.result}) END"
    )


def _try(call: Arguments) -> str:
    """Failures inside are NULL: ours at once, DuckDB's through its own TRY, which takes no call of error()."""
    inside = re.sub(r"error\('[^']*'\)", "NULL", call.sql[0])
    return f"TRY({inside})"


def _joined(call: Arguments) -> str:
    return f"CAST({' || '.join(f'({sql})' for sql in call.sql)} AS {call.result})"


def _split_spark(call: Arguments) -> str:
    return f"split({call.sql[0]}, {spark_quoted(re.escape(call.literal(1, 'The delimiter of split')))}, -1)"


def _whole(kinds: Sequence[Type]) -> Type:
    precision, scale = kinds[0].arguments
    return decimal(precision - scale + min(scale, 1), 0)


def _wider(kinds: Sequence[Type]) -> Type:
    return decimal(kinds[0].arguments[0] + 1, kinds[0].arguments[1])


def _defined(*branches: tuple[str, str]) -> str:
    """A function of doubles that is NaN, not an error or NULL, outside its domain."""
    whens = " ".join(f"WHEN {test} THEN {value}" for test, value in branches)
    return f"CASE WHEN ({{0}}) IS NULL THEN NULL {whens} ELSE CAST('NaN' AS DOUBLE) END"


def _logarithm(name: str) -> str:
    return _defined(("({0}) > 0", f"{name}({{0}})"), ("({0}) = 0", "CAST('-Infinity' AS DOUBLE)"))


def _rounding(name: str) -> list[Function]:
    cast = f"CAST({name}({{0}}) AS {{r}})"
    return [
        f(f"{name}(I) -> I", "({0})", "({0})"),
        f(f"{name}(F) -> F", cast, cast),
        f(f"{name}(M) -> M", cast, cast, returns=_whole),
    ]


def _same(name: str, *signatures: str) -> list[Function]:
    """Functions of doubles that all three engines compute alike."""
    return [f(f"{name}{signature}") for signature in signatures or ("(double) -> double",)]


# DuckDB raises to 1/3, which gives 3.0000000000000004 for 27: one step of Newton mends it.
_CUBE_ROOT = """CASE WHEN ({0}) = 0 OR NOT isfinite({0}) THEN ({0})
 ELSE cbrt({0}) - (cbrt({0}) * cbrt({0}) * cbrt({0}) - ({0})) / (3 * cbrt({0}) * cbrt({0})) END"""
_ROOT = _defined(("({0}) >= 0", "sqrt({0})"))
_ARC = "abs({0}) <= 1"
MATHS: list[Function] = [
    f("abs(N) -> N", "CAST(abs({0}) AS {r})", "CAST(abs({0}) AS {r})"),
    *(item for name in ("ceil", "ceiling", "floor") for item in _rounding(name)),
    f("round(I) -> I", "({0})", "({0})"),
    f("round(F) -> F", "CAST(round({0}) AS {r})", "CAST(round({0}) AS {r})"),
    f("round(M) -> M", "CAST(round({0}) AS {r})", "CAST(round({0}) AS {r})", returns=_whole),
    f("round(I, integer) -> I", "CAST(round({0}, {1}) AS {r})", "CAST(round({0}, {1}) AS {r})"),
    f("round(F, integer) -> F", "CAST(round({0}, {1}) AS {r})", "CAST(round({0}, {1}) AS {r})"),
    f("round(M, integer) -> M", "CAST(round({0}, {1}) AS {r})", "CAST(round({0}, {1}) AS {r})", returns=_wider),
    f("truncate(double) -> double", "trunc({0})", "CASE WHEN ({0}) < 0 THEN ceil({0}) ELSE floor({0}) END"),
    f("sqrt(double) -> double", _ROOT, _ROOT),
    f("ln(double) -> double", _logarithm("ln"), _logarithm("ln")),
    f("log2(double) -> double", _logarithm("log2"), _logarithm("log2")),
    f("log10(double) -> double", _logarithm("log10"), _logarithm("log10")),
    f("asin(double) -> double", _defined((_ARC, "asin({0})")), _defined((_ARC, "asin({0})"))),
    f("acos(double) -> double", _defined((_ARC, "acos({0})")), _defined((_ARC, "acos({0})"))),
    f("log(double, double) -> double", "(ln({1}) / ln({0}))", "(ln({1}) / ln({0}))"),
    *_same("exp"), *_same("sin"), *_same("cos"), *_same("tan"), *_same("atan"),
    *_same("sinh"), *_same("cosh"), *_same("tanh"), *_same("degrees"), *_same("radians"),
    *_same("atan2", "(double, double) -> double"), *_same("pi", "() -> double"),
    f("cbrt(double) -> double", _CUBE_ROOT, "cbrt({0})"),
    f("mod(I, I) -> I", _remainder, _remainder),
    f("mod(F, F) -> F", "({0} % {1})", "({0} % {1})"),
    f("e() -> double", "exp(1.0e0)"),
    f("power(double, double) -> double"),
    f("pow(double, double) -> double"),
    f("sign(N) -> N", "CAST(sign({0}) AS {r})", "CAST(sign({0}) AS {r})"),
    f("is_nan(double) -> boolean", "isnan({0})", "isnan({0})"),
    f("is_infinite(double) -> boolean", "isinf({0})", "(abs({0}) = CAST('Infinity' AS DOUBLE))"),
    f("is_finite(double) -> boolean", "isfinite({0})", "(abs({0}) < CAST('Infinity' AS DOUBLE))"),
    f("nan() -> double", "CAST('NaN' AS DOUBLE)", "CAST('NaN' AS DOUBLE)"),
    f("infinity() -> double", "CAST('Infinity' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)"),
    f("random() -> double", "random()", "rand()"),
    f("rand() -> double", "random()", "rand()"),
    f("greatest(T...) -> T", _extremum("greatest"), _extremum("greatest")),
    f("least(T...) -> T", _extremum("least"), _extremum("least")),
    f("bitwise_and(bigint, bigint) -> bigint", "(({0}) & ({1}))", "(({0}) & ({1}))"),
    f("bitwise_or(bigint, bigint) -> bigint", "(({0}) | ({1}))", "(({0}) | ({1}))"),
    f("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})", "(({0}) ^ ({1}))"),
    f("bitwise_not(bigint) -> bigint", "(~({0}))", "(~({0}))"),
]  # fmt: skip

CONDITIONS: list[Function] = [
    f("coalesce(T...) -> T"),
    f("nullif(T, T) -> T"),
    f("try(T) -> T", _try, None),
    f("typeof(T) -> varchar", lambda call: quoted(str(call.types[0])), lambda call: quoted(str(call.types[0]))),
]

_EXTRACT = "CASE WHEN regexp_matches({0}, {1}) THEN regexp_extract({0}, {1}, %s) END"
_EXTRACT_SPARK = "CASE WHEN ({0}) RLIKE {1} THEN regexp_extract({0}, {1}, %s) END"
_PART = """CASE WHEN ({2}) < 1 THEN error('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero')
 WHEN ({2}) > len(string_split({0}, {1})) THEN NULL ELSE split_part({0}, {1}, CAST({2} AS INTEGER)) END"""
_PART_SPARK = """CASE WHEN ({2}) > size(split({0}, concat('\\\\Q', {1}, '\\\\E'), -1)) THEN NULL
 ELSE split_part({0}, {1}, CAST({2} AS INT)) END"""
_SUBSTR = "CASE WHEN ({1}) = 0 OR -({1}) > {length}({0}) THEN '' ELSE substr({0}, {arguments}) END"
_CUT = _SUBSTR.replace("{arguments}", "CAST({1} AS BIGINT)")
_CUT_SPARK = _SUBSTR.replace("{arguments}", "CAST({1} AS INT)").replace("{length}", "char_length")
_CUT3 = _SUBSTR.replace("{arguments}", "CAST({1} AS BIGINT), greatest({2}, 0)").replace(
    "({1}) = 0", "({1}) = 0 OR ({2}) <= 0"
)
_CUT3_SPARK = (
    _SUBSTR.replace("{arguments}", "CAST({1} AS INT), CAST({2} AS INT)").replace("{length}", "char_length")
    .replace("({1}) = 0", "({1}) = 0 OR ({2}) <= 0")
)  # fmt: skip

TEXT: list[Function] = [
    f("length(varchar) -> bigint", "length({0})", "CAST(char_length({0}) AS BIGINT)"),
    f("lower(varchar) -> varchar"),
    f("upper(varchar) -> varchar"),
    f("trim(varchar) -> varchar", f"trim({{0}}, {_SPACE_DUCKDB})", f"trim(BOTH {_SPACE_SPARK} FROM {{0}})"),
    f("ltrim(varchar) -> varchar", f"ltrim({{0}}, {_SPACE_DUCKDB})", f"trim(LEADING {_SPACE_SPARK} FROM {{0}})"),
    f("rtrim(varchar) -> varchar", f"rtrim({{0}}, {_SPACE_DUCKDB})", f"trim(TRAILING {_SPACE_SPARK} FROM {{0}})"),
    f("trim(varchar, varchar) -> varchar", "trim({0}, {1})", "trim(BOTH {1} FROM {0})"),
    f("ltrim(varchar, varchar) -> varchar", "ltrim({0}, {1})", "trim(LEADING {1} FROM {0})"),
    f("rtrim(varchar, varchar) -> varchar", "rtrim({0}, {1})", "trim(TRAILING {1} FROM {0})"),
    *(
        item
        for name in ("substr", "substring")
        for item in (
            f(f"{name}(varchar, bigint) -> varchar", _CUT.replace("{length}", "length"), _CUT_SPARK),
            f(f"{name}(varchar, bigint, bigint) -> varchar", _CUT3.replace("{length}", "length"), _CUT3_SPARK),
        )
    ),
    f("concat(varchar...) -> varchar", _joined, _joined),
    f("concat(array(T)...) -> array(T)", _joined, lambda call: f"concat({', '.join(call.sql)})"),
    f("concat_ws(varchar...) -> varchar"),
    f("replace(varchar, varchar) -> varchar", "replace({0}, {1}, '')", "replace({0}, {1}, '')"),
    f("replace(varchar, varchar, varchar) -> varchar"),
    f("reverse(varchar) -> varchar"),
    f("translate(varchar, varchar, varchar) -> varchar"),
    f("split(varchar, varchar) -> array(varchar)", "string_split({0}, {1})", _split_spark),
    f("split_part(varchar, varchar, bigint) -> varchar", _PART, _PART_SPARK),
    f("strpos(varchar, varchar) -> bigint", "CAST(strpos({0}, {1}) AS BIGINT)", "CAST(instr({0}, {1}) AS BIGINT)"),
    f("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})", "startswith({0}, {1})"),
    f("lpad(varchar, bigint, varchar) -> varchar",
      "lpad({0}, CAST({1} AS INTEGER), {2})", "lpad({0}, CAST({1} AS INT), {2})"),
    f("rpad(varchar, bigint, varchar) -> varchar",
      "rpad({0}, CAST({1} AS INTEGER), {2})", "rpad({0}, CAST({1} AS INT), {2})"),
    f("chr(bigint) -> varchar", "chr(CAST({0} AS INTEGER))", None),
    f("codepoint(varchar) -> integer", "unicode({0})", "ascii({0})"),
    f("regexp_like(varchar, varchar) -> boolean", _regexp("regexp_matches({0}, {1})"), _regexp("(({0}) RLIKE {1})")),
    f("regexp_extract(varchar, varchar) -> varchar", _regexp(_EXTRACT % 0), _regexp(_EXTRACT_SPARK % 0)),
    f("regexp_extract(varchar, varchar, bigint) -> varchar",
      _regexp(_EXTRACT % "CAST({2} AS INTEGER)"), _regexp(_EXTRACT_SPARK % "CAST({2} AS INT)")),
    f("regexp_extract_all(varchar, varchar) -> array(varchar)", _regexp("regexp_extract_all({0}, {1})"),
      _regexp("regexp_extract_all({0}, {1}, 0)")),
    f("regexp_replace(varchar, varchar) -> varchar", _replace_duckdb, _replace_spark),
    f("regexp_replace(varchar, varchar, varchar) -> varchar", _replace_duckdb, _replace_spark),
    f("regexp_split(varchar, varchar) -> array(varchar)",
      _regexp("regexp_split_to_array({0}, {1})"), _regexp("split({0}, {1}, -1)")),
]  # fmt: skip

BINARY: list[Function] = [
    f("to_utf8(varchar) -> varbinary", "encode({0})", "encode({0}, 'UTF-8')"),
    f("from_utf8(varbinary) -> varchar", "decode({0})", "decode({0}, 'UTF-8')"),
    f("md5(varbinary) -> varbinary", "unhex(md5({0}))", "unhex(md5({0}))"),
    f("sha1(varbinary) -> varbinary", "unhex(sha1({0}))", "unhex(sha1({0}))"),
    f("sha256(varbinary) -> varbinary", "unhex(sha256({0}))", "unhex(sha2({0}, 256))"),
    f("to_hex(varbinary) -> varchar", "hex({0})", "hex({0})"),
    f("from_hex(varchar) -> varbinary", "unhex({0})", "unhex({0})"),
    f("to_base64(varbinary) -> varchar", "to_base64({0})", "base64({0})"),
    f("from_base64(varchar) -> varbinary", "from_base64({0})", "unbase64({0})"),
]

_SCALAR = """CASE WHEN json_valid({0}) AND json_type({0}, {1}) NOT IN ('OBJECT', 'ARRAY', 'NULL')
 THEN json_extract_string({0}, {1}) END"""
_JSON = "CASE WHEN json_valid({0}) THEN json_extract({0}, {1}) END"
_LENGTH = "CASE WHEN json_valid({0}) AND json_type({0}) = 'ARRAY' THEN CAST(json_array_length({0}) AS BIGINT) END"

JSONS: list[Function] = [
    *(f(f"json_extract_scalar({kind}, varchar) -> varchar", _SCALAR, None) for kind in ("varchar", "json")),
    *(f(f"json_extract({kind}, varchar) -> json", _JSON, None) for kind in ("varchar", "json")),
    *(f(f"json_array_length({kind}) -> bigint", _LENGTH, None) for kind in ("varchar", "json")),
    f("json_parse(varchar) -> json", "CAST({0} AS JSON)", None),
    f("json_format(json) -> varchar", "CAST({0} AS VARCHAR)", None),
]

SCALARS = [*MATHS, *CONDITIONS, *TEXT, *BINARY, *JSONS]
