"""A pipeline's SQL with its constants filled in and every column typed. Runs nothing and generates for no engine."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from sqlglot.dialects.athena import Athena
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from athenasql import SqlError, TypedQuery, typed_query
from insightshare.contract.facts import (
    AS_OF,
    FEATURES_TABLE,
    PREDICTION_COLUMN,
    PREDICTIONS_TABLE,
    Insight,
    Pipeline,
    Source,
    Value,
)

Tables = dict[str, dict[str, str]]
"""Athena type by column, by table."""


def typed_features(insight: Insight, sources: Mapping[str, Source], as_of: str) -> TypedQuery:
    """What features.sql of a model yields: the key, the features and the label. SqlError where it is wrong."""
    return typed_query(
        bind(insight.pipeline.queries["features"], insight.pipeline, as_of), input_tables(insight, sources)
    )


def typed_score(insight: Insight, sources: Mapping[str, Source], as_of: str) -> TypedQuery:
    """What score.sql yields: the contract's columns. SqlError where it is wrong."""
    if insight.pipeline.kind != "model":
        tables = input_tables(insight, sources)
    else:
        tables = scored_tables(insight, dict(typed_features(insight, sources, as_of).output))
    return typed_query(bind(insight.pipeline.score_sql, insight.pipeline, as_of), tables)


def input_tables(insight: Insight, sources: Mapping[str, Source]) -> Tables:
    """The sources that a pipeline's first query may read."""
    return {name: sources[name].types for name in insight.pipeline.inputs if name in sources}


def scored_tables(insight: Insight, features: dict[str, str]) -> Tables:
    """What score.sql of a model may read: its features, and a prediction for each key."""
    key = {name: kind for name, kind in features.items() if name in insight.key}
    return {FEATURES_TABLE: features, PREDICTIONS_TABLE: {**key, PREDICTION_COLUMN: "double"}}


def bind(sql: str, pipeline: Pipeline, as_of: str) -> str:
    """The SQL with every `:name` replaced by its value; line numbers stay. SqlError for a name that nobody gave."""
    values: dict[str, Value] = {**pipeline.constants, AS_OF: as_of}
    pieces, position = [], 0
    for name, start, end in _placeholders(sql):
        if name not in values:
            line = sql.count("\n", 0, start) + 1
            raise SqlError(
                "PARAMETER_NOT_FOUND", f"Parameter ':{name}' is not given", line, start - sql.rfind("\n", 0, start)
            )
        pieces += [sql[position:start], literal(values[name])]
        position = end
    return "".join([*pieces, sql[position:]])


def placeholders(sql: str) -> tuple[str, ...]:
    """The names that the SQL takes, each once, in order. SqlError where the SQL has no tokens."""
    return tuple(dict.fromkeys(name for name, _, _ in _placeholders(sql)))


def literal(value: Value) -> str:
    """A constant in Athena's SQL: doubles have an exponent; a sign is in brackets, as two would start a comment."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    text = str(value) if isinstance(value, int) else f"{format(Decimal(repr(value)), 'f')}E0"
    return f"({text})" if value < 0 else text


def _placeholders(sql: str) -> list[tuple[str, int, int]]:
    """Name, start and end of each `:name`; a colon inside a text, comment or cast is none."""
    try:
        tokens = Athena().tokenize(sql)
    except TokenError as error:
        raise SqlError("SYNTAX_ERROR", "A quote or a comment is not closed") from error
    return [
        (name.text, colon.start, name.end + 1)
        for colon, name in pairwise(tokens)
        if colon.token_type == TokenType.COLON and name.start == colon.end + 1 and _is_name(name)
    ]


def _is_name(token: Token) -> bool:
    return token.text.replace("_", "a").isalnum() and not token.text[0].isdigit()
