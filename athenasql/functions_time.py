"""Allow-list: dates and timestamps. Each line is a Trino signature, then DuckDB, then Spark."""

from __future__ import annotations

from athenasql.errors import SqlError
from athenasql.functions import Arguments, Function, Template
from athenasql.functions import function as f

_DATE_UNITS = ("day", "week", "month", "quarter", "year")
_TIME_UNITS = ("millisecond", "second", "minute", "hour")
# MySQL's letters (which Trino uses) in DuckDB's strftime and in Java's patterns.
_DUCKDB_LETTERS = {"Y": "%Y", "y": "%y", "m": "%m", "c": "%-m", "d": "%d", "e": "%-d", "H": "%H", "k": "%-H", "h": "%I",
                   "I": "%I", "l": "%-I", "i": "%M", "s": "%S", "S": "%S", "p": "%p", "M": "%B", "b": "%b", "W": "%A",
                   "a": "%a", "j": "%j", "T": "%H:%M:%S", "f": "%f", "r": "%I:%M:%S %p", "%": "%%"}  # fmt: skip
_SPARK_LETTERS = {"Y": "yyyy", "y": "yy", "m": "MM", "c": "M", "d": "dd", "e": "d", "H": "HH", "k": "H", "h": "hh",
                  "I": "hh", "l": "h", "i": "mm", "s": "ss", "S": "ss", "p": "a", "M": "MMMM", "b": "MMM", "W": "EEEE",
                  "a": "EEE", "j": "DDD", "T": "HH:mm:ss", "f": "SSSSSS", "r": "hh:mm:ss a", "%": "%"}  # fmt: skip


def _format(call: Arguments, letters: dict[str, str]) -> str:
    text, out, index = call.literal(1, "A date format"), "", 0
    while index < len(text):
        if text[index] != "%":
            literal = text[index]
            out += (
                "''"
                if literal == "'"
                else literal
                if not (literal.isalpha() and letters is _SPARK_LETTERS)
                else f"''{literal}''"
            )
        else:
            index += 1
            letter = text[index : index + 1]
            if letter not in letters:
                raise SqlError("NOT_SUPPORTED", f"Date format %{letter} is not supported")
            out += letters[letter]
        index += 1
    return f"'{out}'"


def _formatted(text: str, letters: dict[str, str]) -> Template:
    return lambda call: text.format(*call.sql, format=_format(call, letters))


def unit(call: Arguments, units: tuple[str, ...]) -> str:
    name = call.literal(0, "A date unit").lower()
    if name not in units:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid {call.types[-1]} field")
    return name


def _with_unit(text: str, units: tuple[str, ...]) -> Template:
    return lambda call: text.format(*call.sql, unit=unit(call, units), r=call.result)


def _part(name: str, kinds: tuple[str, ...], duckdb: str, spark: str) -> list[Function]:
    ends = ("(date) -> bigint", "(timestamp) -> bigint", "(timestamp with time zone) -> bigint")
    return [
        f(name + end, f"CAST({duckdb} AS BIGINT)", f"CAST({spark} AS BIGINT)")
        for end in ends
        if end[1 : end.index(")")] in kinds
    ]


def _difference_spark(call: Arguments) -> str:
    """Joda, which Trino uses, takes the last day of a shorter month for a full month; Java's own does not."""
    name, (start, end) = unit(call, _ANY_UNIT), call.sql[1:]
    months = {"month": 1, "quarter": 3, "year": 12}.get(name)
    if months is None:
        return f"CAST(timestampdiff({name}, {start}, {end}) AS BIGINT)"
    forward, backward = _whole_months(start, end), f"-({_whole_months(end, start)})"
    return f"CAST((CASE WHEN ({start}) <= ({end}) THEN {forward} ELSE {backward} END) div {months} AS BIGINT)"


def _whole_months(start: str, end: str) -> str:
    surplus = f"greatest(day({start}) - day({end}), 0)"
    earlier = (
        f"CASE WHEN CAST({end} AS DATE) = last_day({end}) THEN ({start}) - make_dt_interval({surplus}) ELSE {start} END"
    )
    return f"timestampdiff(MONTH, {earlier}, {end})"


_ALL = ("date", "timestamp", "timestamp with time zone")
_CLOCK = _ALL[1:]
_ANY_UNIT = (*_DATE_UNITS, *_TIME_UNITS)
_TRUNCATED = "CAST(date_trunc('{unit}', {1}) AS {r})"
_ADDED = "CAST(({2}) + CAST({1} AS BIGINT) * INTERVAL 1 {unit} AS {r})"
_WEEKDAY_SPARK = "(weekday({0}) + 1)"

PARTS: list[Function] = [
    *_part("year", _ALL, "year({0})", "year({0})"),
    *_part("quarter", _ALL, "quarter({0})", "quarter({0})"),
    *_part("month", _ALL, "month({0})", "month({0})"),
    *_part("week", _ALL, "week({0})", "weekofyear({0})"),
    *_part("week_of_year", _ALL, "week({0})", "weekofyear({0})"),
    *_part("year_of_week", _ALL, "isoyear({0})", "extract(YEAROFWEEK FROM {0})"),
    *_part("yow", _ALL, "isoyear({0})", "extract(YEAROFWEEK FROM {0})"),
    *_part("day", _ALL, "day({0})", "day({0})"),
    *_part("day_of_month", _ALL, "day({0})", "day({0})"),
    *_part("day_of_week", _ALL, "isodow({0})", _WEEKDAY_SPARK),
    *_part("dow", _ALL, "isodow({0})", _WEEKDAY_SPARK),
    *_part("day_of_year", _ALL, "dayofyear({0})", "dayofyear({0})"),
    *_part("doy", _ALL, "dayofyear({0})", "dayofyear({0})"),
    *_part("hour", _CLOCK, "hour({0})", "hour({0})"),
    *_part("minute", _CLOCK, "minute({0})", "minute({0})"),
    *_part("second", _CLOCK, "second({0})", "second({0})"),
    *_part("millisecond", _CLOCK, "millisecond({0}) % 1000", "date_format({0}, 'SSS')"),
]

TIMES: list[Function] = [
    *PARTS,
    f("date(varchar) -> date", "CAST({0} AS DATE)", "CAST({0} AS DATE)"),
    f("date(A) -> date", "CAST({0} AS DATE)", "CAST({0} AS DATE)"),
    f("now() -> timestamp with time zone", "now()", "now()"),
    f("date_trunc(varchar, date) -> date", _with_unit(_TRUNCATED, _DATE_UNITS), _with_unit(_TRUNCATED, _DATE_UNITS)),
    f("date_trunc(varchar, A) -> A", _with_unit(_TRUNCATED, _ANY_UNIT), _with_unit(_TRUNCATED, _ANY_UNIT)),
    f("date_add(varchar, bigint, date) -> date", _with_unit(_ADDED, _DATE_UNITS),
      _with_unit("CAST(timestampadd({unit}, CAST({1} AS INT), {2}) AS DATE)", _DATE_UNITS)),
    f("date_add(varchar, bigint, A) -> A", _with_unit(_ADDED, _ANY_UNIT),
      _with_unit("timestampadd({unit}, CAST({1} AS INT), {2})", _ANY_UNIT)),
    f("date_diff(varchar, date, date) -> bigint", _with_unit("datesub('{unit}', {1}, {2})", _DATE_UNITS),
      _difference_spark),
    f("date_diff(varchar, A, A) -> bigint", _with_unit("datesub('{unit}', {1}, {2})", _ANY_UNIT),
      _difference_spark),
    f("last_day_of_month(D) -> date", "last_day({0})", "last_day({0})"),
    f("from_unixtime(double) -> timestamp with time zone", "to_timestamp({0})", "timestamp_seconds({0})"),
    f("to_unixtime(A) -> double", "epoch({0})", "(unix_micros(CAST({0} AS TIMESTAMP)) / 1e6)"),
    f("from_iso8601_date(varchar) -> date", "CAST({0} AS DATE)", "CAST({0} AS DATE)"),
    f("from_iso8601_timestamp(varchar) -> timestamp with time zone",
      "CAST({0} AS TIMESTAMPTZ)", "CAST({0} AS TIMESTAMP)"),
    f("to_iso8601(date) -> varchar", "strftime({0}, '%Y-%m-%d')", "date_format({0}, 'yyyy-MM-dd')"),
    f("to_iso8601(timestamp) -> varchar",
      "strftime({0}, '%Y-%m-%dT%H:%M:%S.%g')", "date_format({0}, \"yyyy-MM-dd'T'HH:mm:ss.SSS\")"),
    f("date_format(D, varchar) -> varchar", _formatted("strftime({0}, {format})", _DUCKDB_LETTERS),
      _formatted("date_format({0}, {format})", _SPARK_LETTERS)),
    f("date_parse(varchar, varchar) -> timestamp", _formatted("strptime({0}, {format})", _DUCKDB_LETTERS),
      _formatted("to_timestamp_ntz({0}, {format})", _SPARK_LETTERS)),
]  # fmt: skip
