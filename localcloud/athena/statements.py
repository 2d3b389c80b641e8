"""What kind of statement a query string is, and its parts: the words around a SELECT, which athenasql reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from athenasql import SqlError
from athenasql.dialect import AthenaSelect

_NAME = r'(?:"[^"]+"|`[^`]+`|[\w$-]+)'
_TABLE = rf"(?P<table>{_NAME}(?:\.{_NAME}){{0,2}})"
_LITERAL = r"'(?:[^']|'')*'"
Property = str | list[str]


@dataclass(frozen=True)
class Statement:
    """One statement: its `kind`, Athena's type and sub-type for it, and what it names."""

    kind: str  # select | unload | ctas | explain, or a command of `_COMMANDS`
    type: str  # DML | DDL | UTILITY
    substatement: str
    select: str = ""
    table: tuple[str, ...] = ()
    target: str = ""
    words: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Property] = field(default_factory=dict)


_IN = rf"\s+(?:IN|FROM)\s+(?P<database>{_NAME})"
_PATTERN = rf"(?:\s+(?:LIKE\s+)?(?P<pattern>{_LITERAL}))?"
_DATABASE = rf"(?P<database>{_NAME})"
_PAIR = rf"{_LITERAL}\s*=\s*{_LITERAL}"
_COMMANDS: list[tuple[str, str, str, str]] = [
    ("show_tables", "UTILITY", "SHOW_TABLES", rf"SHOW\s+TABLES(?:{_IN})?{_PATTERN}"),
    ("show_databases", "UTILITY", "SHOW_DATABASES", rf"SHOW\s+(?:DATABASES|SCHEMAS){_PATTERN}"),
    ("show_partitions", "UTILITY", "SHOW_PARTITIONS", rf"SHOW\s+PARTITIONS\s+{_TABLE}"),
    ("show_columns", "UTILITY", "SHOW_COLUMNS", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_TABLE}(?:{_IN})?"),
    ("show_create_table", "UTILITY", "SHOW_CREATE_TABLE", rf"SHOW\s+CREATE\s+TABLE\s+{_TABLE}"),
    ("describe", "UTILITY", "DESCRIBE_TABLE", rf"DESC(?:RIBE)?\s+(?:EXTENDED\s+|FORMATTED\s+)?{_TABLE}"),
    (
        "create_database", "DDL", "CREATE_DATABASE",
        rf"CREATE\s+(?:DATABASE|SCHEMA)\s+(?P<guard>IF\s+NOT\s+EXISTS\s+)?{_DATABASE}"
        rf"(?:\s+COMMENT\s+(?P<comment>{_LITERAL}))?(?:\s+LOCATION\s+(?P<location>{_LITERAL}))?",
    ),
    (
        "drop_database", "DDL", "DROP_DATABASE",
        rf"DROP\s+(?:DATABASE|SCHEMA)\s+(?P<guard>IF\s+EXISTS\s+)?{_DATABASE}(?:\s+(?P<cascade>CASCADE|RESTRICT))?",
    ),
    (
        "set_properties", "DDL", "ALTER_TABLE_SET_PROPERTIES",
        rf"ALTER\s+TABLE\s+{_TABLE}\s+SET\s+TBLPROPERTIES\s*\(\s*(?P<pairs>{_PAIR}(?:\s*,\s*{_PAIR})*)\s*\)",
    ),
    ("drop_table", "DDL", "DROP_TABLE", rf"DROP\s+TABLE\s+(?P<guard>IF\s+EXISTS\s+)?{_TABLE}"),
]  # fmt: skip


def read_statement(sql: str) -> Statement:
    """The statement, or SqlError with what Athena says of it at submission."""
    if found := re.match(r"\s*EXPLAIN\s", sql, re.IGNORECASE):
        return Statement("explain", "UTILITY", "EXPLAIN", re.sub(r"[^\n]", " ", found[0]) + sql[found.end() :])
    tokens = _tokens(sql)
    first = [token.text.upper() for token in tokens[:2]]
    if first[:1] in (["SELECT"], ["WITH"], ["("], ["VALUES"]):
        return Statement("select", "DML", "SELECT", _text(sql, tokens))
    if first[:1] == ["UNLOAD"]:
        return _unload(sql, tokens)
    if first == ["CREATE", "TABLE"]:
        return _ctas(sql, tokens)
    body = " ".join(sql.strip().rstrip(";").split())
    for kind, type_, substatement, pattern in _COMMANDS:
        if found := re.fullmatch(pattern, body, re.IGNORECASE):
            kept = {name: text for name, text in found.groupdict().items() if text and name != "table"}
            words = {name: text if name == "pairs" else unquoted(text) for name, text in kept.items()}
            table = name_parts(found.groupdict().get("table") or "")
            return Statement(kind, type_, substatement, table=table, words=words)
    raise SqlError("SYNTAX_ERROR", f"Queries of this type are not supported: {' '.join(first)}", 1, 1)


def name_parts(text: str) -> tuple[str, ...]:
    """The lower-case parts of a possibly quoted, dotted name."""
    return tuple(unquoted(part).lower() for part in re.findall(_NAME, text))


def literal_pairs(text: str) -> dict[str, str]:
    """What a list of 'name' = 'value' says."""
    found = [unquoted(literal) for literal in re.findall(_LITERAL, text)]
    return dict(zip(found[::2], found[1::2], strict=True))


def unquoted(text: str) -> str:
    if text[:1] == text[-1:] == "'":
        return text[1:-1].replace("''", "'")
    return text[1:-1] if text[:1] in ('"', "`") else text


def _tokens(sql: str) -> list[Token]:
    try:
        tokens = AthenaSelect().tokenize(sql)
    except TokenError as error:
        raise SqlError("SYNTAX_ERROR", "The query cannot be read", 1, 1) from error
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise SqlError("SYNTAX_ERROR", "mismatched input '<EOF>'", 1, 1)
    return tokens


def _text(sql: str, tokens: list[Token]) -> str:
    """The text from the first to the last token, behind blanks that keep line and column as they were."""
    if not tokens:
        raise SqlError("SYNTAX_ERROR", "mismatched input '<EOF>'", 1, 1)
    start, end = tokens[0].start, tokens[-1].end + 1
    return re.sub(r"[^\n]", " ", sql[:start]) + sql[start:end]


def _unload(sql: str, tokens: list[Token]) -> Statement:
    """UNLOAD (select) TO 'location' WITH (properties)."""
    close = _closing(tokens, 1)
    rest = tokens[close + 1 :]
    if [token.text.upper() for token in rest[:1]] != ["TO"] or len(rest) < 2 or rest[1].token_type != TokenType.STRING:
        raise _mismatch(rest[0] if rest else tokens[-1], "TO 's3://…'")
    properties = _properties(rest[2:])
    if "format" not in properties:
        raise SqlError("SYNTAX_ERROR", "UNLOAD needs WITH (format = '…')", 1, 1)
    return Statement("unload", "DML", "UNLOAD", _text(sql, tokens[2:close]), target=rest[1].text, properties=properties)


def _ctas(sql: str, tokens: list[Token]) -> Statement:
    """CREATE TABLE [IF NOT EXISTS] name [WITH (properties)] AS select [WITH [NO] DATA]."""
    words = [token.text.upper() for token in tokens]
    position = 5 if words[2:5] == ["IF", "NOT", "EXISTS"] else 2
    parts = []
    while position < len(tokens):
        parts.append(tokens[position].text.lower())
        position += 1
        if position < len(tokens) and tokens[position].token_type == TokenType.DOT:
            position += 1
        else:
            break
    properties: dict[str, Property] = {}
    if words[position : position + 1] == ["WITH"]:
        end = _closing(tokens, position + 1)
        properties = _properties(tokens[position : end + 1])
        position = end + 1
    if words[position : position + 1] != ["AS"]:
        raise SqlError("SYNTAX_ERROR", "Queries of this type are not supported: CREATE TABLE without AS SELECT", 1, 1)
    tail = tokens[position + 1 :]
    empty = [token.text.upper() for token in tail[-3:]] == ["WITH", "NO", "DATA"]
    tail = tail[:-3] if empty else tail[:-2] if [t.text.upper() for t in tail[-2:]] == ["WITH", "DATA"] else tail
    words_found = {"guard": "yes"} if words[2:3] == ["IF"] else {}
    if empty:
        words_found["empty"] = "yes"
    select = _text(sql, tail)
    return Statement(
        "ctas", "DDL", "CREATE_TABLE_AS_SELECT", select, tuple(parts), words=words_found, properties=properties
    )


def _closing(tokens: list[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        kind = tokens[index].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth == 0:
            if kind == TokenType.R_PAREN:
                return index
            break
    raise _mismatch(tokens[min(opening, len(tokens) - 1)], "( … )")


def _properties(tokens: list[Token]) -> dict[str, Property]:
    """WITH ( name = 'text' | number | true | ARRAY['text', …] , … )."""
    found: dict[str, Property] = {}
    inner, index = tokens[2:-1], 0
    while index < len(inner):
        name = inner[index].text.lower()
        if index + 2 >= len(inner) or inner[index + 1].token_type != TokenType.EQ:
            raise _mismatch(inner[index], "name = value")
        index += 2
        if inner[index].text.upper() == "ARRAY":
            close = next(
                (i for i in range(index, len(inner)) if inner[i].token_type == TokenType.R_BRACKET), len(inner)
            )
            strings = (TokenType.STRING, TokenType.IDENTIFIER)
            found[name] = [token.text for token in inner[index:close] if token.token_type in strings]
            index = close + 1
        else:
            found[name] = inner[index].text
            index += 1
        if index < len(inner) and inner[index].token_type != TokenType.COMMA:
            raise _mismatch(inner[index], "','")
        index += 1
    return found


def _mismatch(token: Token, expected: str) -> SqlError:
    return SqlError("SYNTAX_ERROR", f"mismatched input '{token.text}'. Expecting: {expected}", token.line, token.col)


def with_parameters(sql: str, values: list[str]) -> str:
    """The text with each `?` replaced by its value, which Athena takes as a literal of SQL."""
    marks = [token for token in _tokens(sql) if token.token_type == TokenType.PLACEHOLDER]
    if len(marks) != len(values):
        raise SqlError(
            "INVALID_PARAMETER_USAGE", f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}"
        )
    for token, value in reversed(list(zip(marks, values, strict=True))):
        sql = f"{sql[: token.start]}{_literal(value)}{sql[token.end + 1 :]}"
    return sql


def _literal(value: str) -> str:
    """One literal: quoted text, a number, TRUE, NULL, DATE '…'; bare text becomes quoted text, as Athena does."""
    text = value.strip()
    if re.fullmatch(
        rf"{_LITERAL}|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|(?i:true|false|null)|(?i:date|timestamp|decimal)\s*{_LITERAL}",
        text,
    ):
        return text
    return str(exp.Literal.string(value).sql(dialect="trino"))
