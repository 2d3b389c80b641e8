"""An attribute is followed through a query to every column that holds it as it stands."""

import pytest

from athenasql import typed_query
from insightshare.contract.lineage import carrying

TABLES = {"people": {"person": "bigint", "age": "int", "area": "string"}}
OVER_PEOPLE = [
    "age",
    "age + 0",
    "age * 1",
    "1998 - age",
    "-age",
    "greatest(age, 0)",
    "COALESCE(NULL, age)",
    "NULLIF(age, -1)",
    "IF(age > 0, age)",
    "CASE WHEN age > 0 THEN age END",
    "CASE age WHEN 0 THEN 1 ELSE age END",
    "MAX(age) OVER (PARTITION BY person)",
    "LAG(age) OVER (ORDER BY person)",
    "FIRST_VALUE(age) IGNORE NULLS OVER (ORDER BY person)",
    "CAST(age AS varchar) || ''",
    "CONCAT(TRY_CAST(age AS varchar), ' years')",
    "(SELECT MAX(age) FROM people)",
    "ARRAY[age][1]",
    "ELEMENT_AT(ARRAY[0, age], 2)",
]
OTHER_THAN_AGE = [
    "person + 0",
    "CASE WHEN age < 30 THEN 'under 30' ELSE '30+' END",
    "IF(age < 30, 'under 30', area)",
    "MAX(person) OVER (PARTITION BY age)",
    "age / 10 * 10",
    "CAST(CAST(FLOOR(age / 10E0) * 10 AS bigint) AS varchar) || 's'",
    "age - age % 10",
    "(SELECT COUNT(age) FROM people)",
    "(SELECT area FROM people WHERE age = 1)",
    "MAX_BY(person, age) OVER ()",
]
QUERIES = [
    "SELECT n AS x FROM people CROSS JOIN UNNEST(ARRAY[age]) AS t(n)",
    "SELECT person AS x FROM people UNION ALL SELECT age FROM people",
    "SELECT 1 AS x UNION ALL (SELECT 2 UNION ALL SELECT age FROM people)",
    "WITH t(n) AS (SELECT 1 UNION SELECT age FROM people) SELECT n AS x FROM t",
    "SELECT n AS x FROM (SELECT 1 AS n UNION ALL SELECT age + 1 FROM people) AS t",
    "WITH a AS (SELECT age AS b FROM people), c AS (SELECT b AS d FROM a) SELECT d AS x FROM c",
]


def found(*queries: str) -> list[str]:
    tables, typed = TABLES, []
    for query in queries:
        typed.append(typed_query(query, tables))
        tables = {"features": dict(typed[-1].output)}
    return carrying(typed, ["age"], renamed_only=True)


@pytest.mark.parametrize("value", OVER_PEOPLE)
def test_a_value_that_may_be_the_age_is_the_age(value: str) -> None:
    assert found(f"SELECT person, {value} AS x FROM people") == ["x"]


@pytest.mark.parametrize("value", OTHER_THAN_AGE)
def test_a_value_that_is_worked_out_otherwise_is_not(value: str) -> None:
    assert found(f"SELECT person, {value} AS x FROM people") == []


@pytest.mark.parametrize("query", QUERIES)
def test_the_age_is_followed_through_sub_queries(query: str) -> None:
    assert found(query) == ["x"]


def test_the_age_is_followed_through_features() -> None:
    features = "SELECT person, age AS feature FROM people"

    assert found(features, "SELECT person, feature + 1 AS x FROM features") == ["x"]


def test_a_column_is_not_the_age_by_its_name_alone() -> None:
    assert found("SELECT COUNT(*) AS age FROM people") == []
