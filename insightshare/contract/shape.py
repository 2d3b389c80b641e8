"""Holds a document against its JSON Schema and says each deviation in our words. Knows nothing across files.

A schema's `description` is what was expected, as a noun phrase; `x-fix`, where it is there, is the instruction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft7Validator, Draft201909Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from insightshare.contract.assemble import NO_DATE, day
from insightshare.contract.documents import Document
from insightshare.contract.problems import Problem, instead, listed, shown

END = re.compile(r"(?<!\\)\$")
NAMING_KEYS = ("name", "id", "property", "rule", "metric")

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date")
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or day(value) != NO_DATE


def _pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """A schema's `$` is where the text ends; Python's is before a last newline too."""
    if isinstance(value, str) and not re.search(END.sub(r"\\Z", pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_Shape = extend(Draft7Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]  # it has no types


def read_schema(path: Path, file: str) -> tuple[Mapping[str, Any], list[Problem]]:
    """The JSON Schema at `path`; an empty one, which accepts everything, with a problem where it is unreadable."""
    try:
        schema = json.loads(path.read_bytes())
        Draft7Validator.check_schema(schema)
    except (OSError, ValueError, RecursionError) as error:
        found = "nothing" if isinstance(error, OSError) else "text that is not JSON"
        return {}, [Problem(file, "file", f"{found}", "a JSON Schema", "restore it from the repository")]
    except Exception as error:
        if type(error).__name__ != "SchemaError":
            raise
        return {}, [Problem(file, "file", "what is there", "a JSON Schema", "restore it from the repository")]
    return cast(Mapping[str, Any], schema), []


def shape_problems(document: Document, schema: Mapping[str, Any]) -> list[Problem]:
    """Every place where the document is not what the schema says, once."""
    validator = _Shape(schema, format_checker=_FORMATS)
    problems = {
        problem for error in validator.iter_errors(document.value) for problem in _said(document, schema, error)
    }
    return sorted(problems)


def standard_problems(document: Document) -> list[Problem]:
    """Where a contract breaks the Open Data Contract Standard: finds what our narrower schema forgot."""
    errors = _standard().iter_errors(document.value)
    return sorted(
        {
            Problem(document.file, place(document.value, error.absolute_path), "what is there",
                    "what the Open Data Contract Standard 3.1.0 allows", "see its documentation for this field")
            for error in errors
        }
    )  # fmt: skip


@lru_cache(maxsize=1)
def _standard() -> Draft201909Validator:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    return Draft201909Validator(schema)


def place(value: object, path: Sequence[str | int]) -> str:
    """Where in a document, in words: list elements by their name where they have one."""
    result = ""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
            result += f".{step}" if result else step
        else:
            value = value[step] if isinstance(value, list) else None
            result += f"[{_label(value, step)}]"
    return result or "file"


def _label(item: object, index: int) -> str:
    if isinstance(item, dict):
        names = [item[key] for key in NAMING_KEYS if isinstance(item.get(key), str)]
        return str(names[0]) if names else str(index)
    return str(index)


def _said(document: Document, schema: Mapping[str, Any], error: ValidationError) -> Iterator[Problem]:
    where = place(document.value, error.absolute_path)
    rule = str(error.validator)
    instance: Any = error.instance
    path = list(error.absolute_schema_path)[:-1]
    if rule == "additionalProperties":
        known = list(cast(Mapping[str, Any], error.schema).get("properties", {}))
        for key in sorted(set(map(str, instance)) - set(known)):
            yield Problem(
                document.file, _below(where, key), f"the key {key}", listed(known), instead(key, known, "remove it")
            )
    elif rule == "required":
        owner = [step for step in path if step not in ("then", "else")]
        for key in (name for name in cast(list[str], error.validator_value) if name not in instance):
            notes = (_note(schema, [*steps, "properties", key], "description") for steps in (owner, path))
            expected = next(filter(None, notes), "a value")
            fix = _note(schema, [*owner, "properties", key], "x-fix") or f"add {key}"
            yield Problem(document.file, _below(where, key), "nothing", expected, fix)
    elif "propertyNames" in path:
        expected = _note(schema, path, "description")
        yield Problem(document.file, _below(where, str(instance)), f"the key {instance}", expected, "rename it")
    else:
        expected = _note(schema, path, "description") or "allowed here"
        yield _value_problem(document.file, where, error, expected, _note(schema, path, "x-fix"))


def _value_problem(file: str, where: str, error: ValidationError, expected: str, fix: str) -> Problem:
    rule, instance = str(error.validator), error.instance
    if rule == "type" and error.validator_value == "string" and isinstance(instance, int | float):
        raw = shown(instance)
        return Problem(file, where, f"unquoted {raw}", "text", f'put it in quotes: "{raw}"')
    if rule == "enum":
        choices = [str(choice) for choice in cast(list[object], error.validator_value)]
        otherwise = "choose one" if len(choices) > 1 else f"write {choices[0]}"
        return Problem(file, where, shown(instance), listed(choices), instead(str(instance), choices, otherwise))
    if rule == "uniqueItems":
        return Problem(
            file, where, "a list with the same value twice", "a list of different values", "remove one of them"
        )
    if rule in ("minItems", "minProperties", "maxItems"):
        size = len(cast(list[object], instance))
        kind = "list" if isinstance(instance, list) else "map"
        found = f"a {kind} of {size}" if size else f"an empty {kind}"
        return Problem(file, where, found, expected, fix or ("shorten it" if rule == "maxItems" else "fill it in"))
    if rule == "anyOf":
        return Problem(file, where, "this rule", expected, fix or "add one of them")
    return Problem(file, where, shown(instance), expected, fix or "correct it")


def _below(where: str, key: str) -> str:
    return key if where == "file" else f"{where}.{key}"


def _note(schema: Mapping[str, Any], path: Sequence[str | int], keyword: str) -> str:
    """The text under a keyword at a schema path; one beside a `$ref` wins over the one behind it."""
    node: Any = schema
    for step in path:
        if isinstance(node, dict) and "$ref" in node:
            node = _referred(schema, node)
        node = node.get(step, {}) if isinstance(node, dict) else node[int(step)]
    note = node.get(keyword)
    if "$ref" in node:
        node = _referred(schema, node)
    note = note or node.get(keyword)
    if not note and keyword == "description" and "enum" in node:
        note = listed(str(choice) for choice in node["enum"])
    return str(note or "")


def _referred(schema: Mapping[str, Any], node: Any) -> Any:
    target: Any = schema
    for step in str(node["$ref"]).removeprefix("#/").split("/"):
        target = target[step]
    return target
