"""What is owed to people of whom only a band is promised, as of their age. Says nothing of how the band is made.

A band is promised by a column's name (`age_band`) or by `bandOf`. The exact attribute then appears under no name,
neither beside the band nor as the band.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from athenasql import SqlError, TypedQuery, parse_type
from insightshare.contract.facts import Check, Contract, Field
from insightshare.contract.lineage import carrying
from insightshare.contract.problems import Problem, shown

BAND_SUFFIX = "_band"
EXACT_NAMES: Mapping[str, tuple[str, ...]] = {
    "age": (
        "age", "ages", "age_years", "age_in_years", "exact_age", "birth_date", "birthdate", "birthday", "birth_day",
        "birth_year", "birth_month", "date_of_birth", "day_of_birth", "year_of_birth", "born", "born_on", "dob", "yob",
    ),
}  # fmt: skip
"""Names under which data hold the exact attribute; of any attribute, its own name is one."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_OPEN = re.compile(
    r"[+<>≤≥]|\b(?:above|after|before|below|from|least|less|more|most|older|over|plus|since|to|under|until|up|younger)\b",
    re.IGNORECASE,
)
"""What makes a band of one number."""
_TEXTS = ("varchar", "char")


def band_problems(file: str, contract: Contract) -> Iterator[Problem]:
    """Bands that are none, and exact attributes beside them."""
    for column in contract.columns:
        where = f"schema[{contract.name}].properties[{column.name}]"
        promised = column.name.removesuffix(BAND_SUFFIX)
        if promised not in (column.name, column.band_of):
            found = shown(column.band_of) if column.band_of else "nothing"
            expected = f"{promised}, the attribute that it is a band of, as its name promises"
            fix = f"write customProperties bandOf with {promised}, or rename the column"
            yield Problem(file, f"{where}.customProperties[bandOf]", found, expected, fix)
        if column.band_of:
            yield from _closed_problems(file, where, column, contract.checks)
            exact = _exact_names(column.band_of)
            for other in contract.columns:
                if other is not column and other.name in exact:
                    place = f"schema[{contract.name}].properties[{other.name}]"
                    expected = f"a column beside {column.name}, which promises only a band of {column.band_of}"
                    yield Problem(file, place, f"the exact {other.name}", expected, "remove it")


def exactness_problems(file: str, contract: Contract, queries: Sequence[TypedQuery]) -> Iterator[Problem]:
    """Columns of score.sql that are the exact attribute of a promised band, under another name."""
    for column in (column for column in contract.columns if column.band_of):
        exact = _exact_names(column.band_of)
        for name in carrying(queries, exact, renamed_only=True):
            if name not in exact:  # under its own name it is refused in the contract
                found = f"the exact {column.band_of} under the name {name}"
                expected = f"a column where {column.name} promises only a band of {column.band_of}"
                yield Problem(file, name, found, expected, "select the band instead, with CASE")


def _closed_problems(file: str, where: str, column: Field, checks: Iterable[Check]) -> Iterator[Problem]:
    """A band is text out of a closed list, of which no word is one number."""
    sets = [
        check
        for check in checks
        if check.kind == "set" and check.columns == (column.name,) and check.values and not check.patterns
        if check.severity == "error" and check.mostly == 1 and check.broken is None
    ]
    if not _is_text(column):
        yield Problem(file, f"{where}.physicalType", column.type, "string, as a band is", "name each band in words")
    elif not sets:
        fix = "add a rule invalidValues with validValues, mustBe: 0 and severity: error"
        yield Problem(file, f"{where}.quality", "nothing", f"a rule with every band of {column.band_of}", fix)
    for value in dict.fromkeys(value for check in sets for value in check.values if _is_exact(str(value))):
        found, expected = f"the band {shown(value)}", f"a band: it is one {column.band_of}"
        yield Problem(file, f"{where}.quality", found, expected, "make it wider, as 30-39")


def _is_exact(band: str) -> bool:
    numbers = [float(number) for number in _NUMBER.findall(band)]
    if len(numbers) == 1:
        return not _OPEN.search(band)
    return len(numbers) == 2 and numbers[0] >= numbers[1]


def _exact_names(attribute: str) -> tuple[str, ...]:
    found = attribute.lower()
    return next((names for names in EXACT_NAMES.values() if found in names), (found,))


def _is_text(column: Field) -> bool:
    try:
        return parse_type(column.type).name in _TEXTS
    except SqlError:
        return True  # reported where types are held
