"""What a contract must keep beyond its shape: names, types, keys, personal data, licence. Rules are held elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from athenasql import SqlError, parse_type
from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import AS_OF, RUN_ID, Contract, Field, Source
from insightshare.contract.problems import Problem, instead, listed, shown

LAKE_FORMATION_RESERVED = frozenset(
    ["ctid", "oid", "xmin", "cmin", "xmax", "cmax", "tableoid", "insertxid", "deletxid", "importoid", "redcatuniqueid"]
)
"""Column names that Lake Formation refuses in data cells filters (data-filtering-notes in its developer guide)."""
PLATFORM_COLUMNS = (AS_OF, RUN_ID)
TAKEN_ENDINGS = ("_latest", "_runs")
TAKEN_NAMES = ("insight_receipts", "features", "predictions")
LOGICAL_TYPES = {
    "string": ("varchar", "char"),
    "integer": ("tinyint", "smallint", "integer", "bigint"),
    "number": ("real", "double", "decimal"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp",),
    "array": ("array",),
    "object": ("row", "map"),
}
CONFIDENTIAL = ("confidential", "restricted")


def contract_problems(file: str, contract: Contract, declared: dict[str, str]) -> Iterator[Problem]:
    """`contract.name` is the folder's name; `declared` the names that the file itself states, by field."""
    for field, name in declared.items():
        if name and name != contract.name:
            yield Problem(file, field, shown(name), f"{contract.name}, the folder's name", f"write {contract.name}")
    yield from _name_problems(file, contract)
    for column in contract.columns:
        yield from _column_problems(file, _column(contract, column.name), column)
    yield from _key_problems(file, contract)


def source_problems(file: str, source: Source) -> Iterator[Problem]:
    """What a source owes to whoever made the data."""
    owed = {
        "licence": (source.licence, "the terms under which the data may be used"),
        "citation": (source.citation, "how to cite the data"),
        "origin": (source.origin, "where the data come from"),
    }
    for name, (value, expected) in owed.items():
        if not value:
            yield Problem(file, f"customProperties[{name}]", "nothing", expected, f"add a custom property {name}")
    first, last = source.covers_from, source.covers_to
    for name, day in (("coversFrom", first), ("coversTo", last)):
        if day == NO_DATE:
            yield Problem(file, f"customProperties[{name}]", "the value", 'a day, as "2025-01-01"', "correct it")
    if (first is None) != (last is None):
        missing = "coversFrom" if first is None else "coversTo"
        yield Problem(file, f"customProperties[{missing}]", "nothing", "the other end of the data", f"add {missing}")
    elif first and last and NO_DATE not in (first, last) and last < first:
        fix = "exchange coversFrom and coversTo"
        yield Problem(file, "customProperties[coversTo]", f'"{last}"', f"a day from {first} on", fix)


def _name_problems(file: str, contract: Contract) -> Iterator[Problem]:
    endings = tuple(ending for ending in TAKEN_ENDINGS if contract.name.endswith(ending))
    if endings or contract.name in TAKEN_NAMES:
        taken = f"a free name: the platform uses {', '.join((*TAKEN_NAMES, *('*' + end for end in TAKEN_ENDINGS)))}"
        yield Problem(file, "id", contract.name, taken, "rename the folder and the contract")
    for name, times in Counter(column.name for column in contract.columns if column.name).items():
        if times > 1:
            found = f"a column stated {times} times"
            yield Problem(file, _column(contract, name), found, "the only one of its name", "keep one of them")
    for identifier, times in Counter(check.id for check in contract.checks if check.id).items():
        if times > 1:
            field = f"schema[{contract.name}].quality[{identifier}]"
            yield Problem(file, field, f"an id of {times} rules", "an id of one rule", "rename all but one")


def _column_problems(file: str, field: str, column: Field) -> Iterator[Problem]:
    if column.name in PLATFORM_COLUMNS:
        yield Problem(file, field, column.name, "a column of the contract: the platform adds it", "remove it")
    if column.name in LAKE_FORMATION_RESERVED:
        yield Problem(file, field, column.name, "a name that Lake Formation accepts", "rename the column")
    if column.type:
        yield from _type_problems(file, f"{field}.physicalType", column)
    if column.personal and column.classification not in CONFIDENTIAL:
        yield Problem(
            file, f"{field}.classification", column.classification, f"{listed(CONFIDENTIAL)}, as personal data must be",
            "classify the column, or remove the tag personal",
        )  # fmt: skip
    if column.protected and not column.personal:
        yield Problem(file, f"{field}.tags", "protected alone", "protected and personal", "add the tag personal")


def _type_problems(file: str, field: str, column: Field) -> Iterator[Problem]:
    try:
        kind = parse_type(column.type)
    except SqlError:
        yield Problem(file, field, shown(column.type), "an Athena type such as string or bigint", _type_fix(column))
        return
    if column.type != kind.ddl():
        yield Problem(file, field, column.type, "the spelling of the Glue catalog", f"write {kind.ddl()}")
    expected = LOGICAL_TYPES.get(column.logical_type)
    if expected and kind.name not in expected:
        fix = "make the two agree"
        yield Problem(file, field, column.type, f"a type for logicalType {column.logical_type}", fix)


def _type_fix(column: Field) -> str:
    simple = ["string", "bigint", "int", "double", "float", "boolean", "date", "timestamp", "smallint", "tinyint"]
    return instead(column.type.lower(), simple, "choose the type from Athena's documentation")


def _key_problems(file: str, contract: Contract) -> Iterator[Problem]:
    where = f"schema[{contract.name}].properties"
    if contract.columns and not contract.key:
        yield Problem(
            file, where, "a table without a key", "a table with a key", "mark its columns with primaryKey: true"
        )
    for column in contract.columns:
        if column.name in contract.key and not column.required:
            field = f"{_column(contract, column.name)}.required"
            yield Problem(file, field, "a key column that may be empty", "a required column", "add required: true")


def _column(contract: Contract, name: str) -> str:
    return f"schema[{contract.name}].properties[{name}]"
