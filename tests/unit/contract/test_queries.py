"""A pipeline's constants in its SQL, and the types that come out of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from athenasql import SqlError
from insightshare.contract.facts import Pipeline, Value
from insightshare.contract.queries import bind, literal, placeholders, typed_features, typed_score
from insightshare.contract.read import load_project

ROOT = Path(__file__).resolve().parents[3]
PROJECT = load_project(ROOT)
PIPELINE = Pipeline(
    kind="rule",
    engine="duckdb",
    objective="",
    method="",
    inputs=(),
    queries={},
    parameters={"low": -0.5, "name": "it's", "days": 7},
    weights={"heavy": 0.25},
)


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (5, "5"),
        (-5, "(-5)"),
        (5.0, "5.0E0"),
        (-0.05, "(-0.05E0)"),
        (1e-7, "0.0000001E0"),
        (True, "TRUE"),
        ("it's", "'it''s'"),
    ],
)
def test_a_constant_is_written_so_that_athena_reads_the_same_value_and_type(value: Value, sql: str) -> None:
    assert literal(value) == sql


def test_every_constant_and_as_of_are_filled_in() -> None:
    sql = "SELECT :heavy, -:low, :name, :days\nFROM t WHERE d = :as_of"

    bound = bind(sql, PIPELINE, "2026-11-20")

    assert bound == "SELECT 0.25E0, -(-0.5E0), 'it''s', 7\nFROM t WHERE d = '2026-11-20'"


def test_a_colon_in_a_text_a_comment_or_a_cast_is_no_constant() -> None:
    assert placeholders("SELECT ':a', b::int, :c -- :d\nFROM t /* :e */ WHERE x = :c") == ("c",)


def test_a_constant_that_nobody_gave_is_refused_with_its_place() -> None:
    with pytest.raises(SqlError) as caught:
        bind("SELECT\n  :heavi", PIPELINE, "2026-11-20")

    assert str(caught.value) == "PARAMETER_NOT_FOUND: line 2:3: Parameter ':heavi' is not given"


@pytest.mark.parametrize("name", PROJECT.insights)
def test_the_sql_of_each_insight_yields_its_contract(name: str) -> None:
    insight = PROJECT.insights[name]

    typed = typed_score(insight, PROJECT.sources, "2026-11-20")

    assert typed.output == list(insight.types.items())


def test_the_features_of_a_model_start_with_the_key_and_hold_the_label() -> None:
    churn = PROJECT.insights["churn"]
    assert churn.pipeline.model is not None

    output = dict(typed_features(churn, PROJECT.sources, "2026-11-20").output)

    assert {*churn.key, *churn.pipeline.model.features, churn.pipeline.model.label} == {*output}
    assert output["churned"] == "boolean"


def test_a_query_on_a_source_that_is_no_input_is_refused() -> None:
    interests = PROJECT.insights["interests"]
    narrowed = replace(interests, pipeline=replace(interests.pipeline, inputs=("movielens_ratings",)))

    with pytest.raises(SqlError, match="movielens_items"):
        typed_score(narrowed, PROJECT.sources, "2026-11-20")
