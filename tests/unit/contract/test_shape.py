"""Our schemas: narrower than the standard, and readable by an editor."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from insightshare.contract.documents import Document, read_document
from insightshare.contract.shape import place, shape_problems, standard_problems

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))
CONTRACTS = sorted([*ROOT.glob("sources/*/contract.odcs.yaml"), *ROOT.glob("insights/*/contract.odcs.yaml")])


def test_there_are_schemas_and_contracts() -> None:
    assert len(SCHEMAS) == 4
    assert len(CONTRACTS) >= 8


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_one(path: Path) -> None:
    Draft7Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_map_of_a_schema_refuses_unknown_keys_and_says_what_it_expects(path: Path) -> None:
    schema = json.loads(path.read_text())
    maps = [node for node in nodes(schema) if node.get("type") == "object"]

    assert maps
    assert [node for node in maps if node.get("additionalProperties", True) is True] == []
    assert [node for node in maps if "description" not in node] == []


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.parent.name)
def test_a_contract_keeps_the_standard(path: Path) -> None:
    assert standard_problems(read_document(path, path.name)) == []


def test_what_breaks_only_the_standard_is_found_too() -> None:
    document = Document("contract.odcs.yaml", value={"apiVersion": "v3.1.0", "kind": "DataContract", "tenant": 5})

    assert "tenant" in {problem.field for problem in standard_problems(document)}


def test_a_place_names_list_elements_by_their_name() -> None:
    value = {"schema": [{"name": "orders", "quality": [{"id": "few", "metric": "rowCount"}], "tags": ["a"]}]}

    assert place(value, ["schema", 0, "quality", 0, "metric"]) == "schema[orders].quality[few].metric"
    assert place(value, ["schema", 0, "tags", 0]) == "schema[orders].tags[0]"
    assert place(value, []) == "file"


def test_an_x_fix_of_a_schema_is_the_instruction() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"description": "a day", "x-fix": "write one", "type": "string", "pattern": "^d$"}},
    }

    problems = shape_problems(Document("f.yaml", value={"a": "x"}), schema)

    assert [str(problem) for problem in problems] == ['f.yaml: a: "x" is not a day. Fix: write one.']


def nodes(value: object) -> list[dict[str, object]]:
    """Every map in a JSON value."""
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in nodes(item))]
    return [found for item in value for found in nodes(item)] if isinstance(value, list) else []
