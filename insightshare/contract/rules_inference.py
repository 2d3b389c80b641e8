"""What contracts, and agreements that show it, owe to people of whom something is inferred. Grants nothing.

What is inferred, and what is not, is defined in `insightshare.contract.inference`; what a model predicts always is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from athenasql import SqlError, TypedQuery, parse_row_filter, parse_type
from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import PREDICTION_COLUMN, Agreement, Check, Contract, Field, Grant, Insight, Source
from insightshare.contract.lineage import carrying
from insightshare.contract.problems import Problem, instead, listed, shown

LONGEST_TERM = timedelta(days=731)  # two years: then somebody asks again whether the purpose still stands
_CATEGORIES = ("varchar", "char", "boolean")
_WHOLE_NUMBERS = ("tinyint", "smallint", "integer", "bigint")
_NUMBERS = (*_WHOLE_NUMBERS, "real", "double", "decimal")


def inference_problems(file: str, contract: Contract) -> Iterator[Problem]:
    """What a contract owes for each attribute that it calls inferred."""
    for column in contract.columns:
        said = column.inferred
        if said is None:
            continue
        where = f"schema[{contract.name}].properties[{column.name}]"
        if not column.personal:
            fix = "add tags: [personal] and classify the column"
            yield Problem(file, f"{where}.tags", "nothing", "personal, as what is inferred of a person", fix)
        sure = [other.name for other in contract.columns if _kind(other) in _NUMBERS]
        if said.confidence and said.confidence not in sure:
            field, found = f"{where}.customProperties[inferred].confidence", shown(said.confidence)
            expected = f"a column of numbers ({listed(sure)})"
            yield Problem(file, field, found, expected, instead(said.confidence, sure, "name the column, or add it"))
        if _is_category(column, contract.checks) and said.minimum_cell > 0 and not _kept(column, contract.checks):
            field, cell = f"{where}.customProperties[inferred].minimumCell", said.minimum_cell
            fix = f"add a rule minimum_cell with column_list [{column.name}] and minimum {cell}"
            yield Problem(file, field, f"{cell}, which no rule keeps,", "a promise that the gate checks", fix)


def prediction_problems(
    file: str, insight: Insight, queries: Sequence[TypedQuery], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Columns of score.sql that hold a prediction about people and do not say so; `file` is the contract's."""
    columns = {column.name: column for column in insight.columns}
    if insight.pipeline.kind == "model" and _about_people(insight, queries, sources):
        for name in carrying(queries[-1:], (PREDICTION_COLUMN,), renamed_only=False):
            if name in columns and name not in insight.key and columns[name].inferred is None:
                field = f"schema[{insight.name}].properties[{name}].customProperties[inferred]"
                expected = "what a column that holds a prediction about people must say"
                fix = "add customProperties inferred with method, confidence, purposes and minimumCell"
                yield Problem(file, field, "nothing", expected, fix)


def _about_people(insight: Insight, queries: Sequence[TypedQuery], sources: Mapping[str, Source]) -> bool:
    """Whether the contract calls a key column personal, or it is worked out from one that a source calls so."""
    said = {column.name for column in insight.columns if column.personal}
    given = {column.name for name in insight.pipeline.inputs for column in sources[name].columns if column.personal}
    return not {*said, *carrying(queries, given, renamed_only=False)}.isdisjoint(insight.key)


def sharing_problems(file: str, agreement: Agreement, insights: Mapping[str, Insight]) -> Iterator[Problem]:
    """An agreement that shows inferred attributes says what for, in the contract's words, and ends."""
    inferring = False
    for grant in agreement.grants:
        insight = insights.get(grant.insight)
        shared = _inferred_shown(grant, insight) if insight else []
        where = f"insights.{grant.insight}"
        if insight and shared:
            inferring = True
            yield from _purpose_problems(file, f"{where}.purposes", grant, shared)
            yield from _confidence_problems(file, f"{where}.columns", grant, insight, shared)
        elif insight and grant.purposes and _known(grant, insight):
            found, expected = "a list", "needed: no column that it shows is inferred"
            yield Problem(file, f"{where}.purposes", found, expected, "remove it")
    if inferring and NO_DATE not in (agreement.start, agreement.end):
        latest = _later(agreement.start, LONGEST_TERM)
        if agreement.end > latest:
            expected = f"an end by {latest}, two years after the start, for columns that are inferred"
            yield Problem(file, "end", f'"{agreement.end}"', expected, "agree on an earlier end, and renew it then")


def _purpose_problems(file: str, field: str, grant: Grant, shared: list[Field]) -> Iterator[Problem]:
    allowed = [set(column.inferred.purposes) for column in shared if column.inferred]
    if not all(allowed):
        return  # a contract that permits nothing is reported as that
    permitted = sorted(set.intersection(*allowed))
    named = _and(column.name for column in shared)
    if not permitted:
        expected = "what one purpose is permitted for: there is none for all of them"
        yield Problem(file, field, f"{named} together", expected, "leave some of them out")
    elif not grant.purposes:
        expected = f"what the inferred {named} may be used for ({listed(permitted)})"
        yield Problem(file, field, "nothing", expected, "add purposes, or leave the inferred columns out")
    for purpose in grant.purposes if permitted else ():
        if purpose not in permitted:
            fix = instead(purpose, permitted, "choose another, or leave the inferred columns out")
            expected = f"a purpose that the contract permits for {named} ({listed(permitted)})"
            yield Problem(file, field, shown(purpose), expected, fix)


def _confidence_problems(
    file: str, field: str, grant: Grant, insight: Insight, shared: list[Field]
) -> Iterator[Problem]:
    """A guess without how sure it is will be taken for a fact: no mistake of form, but somebody should know."""
    granted = insight.types if grant.columns is None else grant.columns
    for column in shared:
        sure = column.inferred.confidence if column.inferred else ""
        if column.name in granted and sure in insight.types and sure not in granted:
            found, expected = f"{column.name} without {sure}", "a guess beside how sure it is"
            yield Problem(file, field, found, expected, f"grant {sure} too", "warning")


def _inferred_shown(grant: Grant, insight: Insight) -> list[Field]:
    """Inferred columns that a grant shows; a row filter on one tells it of every row that comes through."""
    filtered: Iterable[str] = ()
    with contextlib.suppress(SqlError):  # reported where filters are held to their grammar
        filtered = parse_row_filter(grant.rows, insight.types).columns if grant.rows else ()
    names = {*(insight.types if grant.columns is None else grant.columns), *filtered}
    return [column for column in insight.columns if column.inferred and column.name in names]


def _known(grant: Grant, insight: Insight) -> bool:
    """Whether what a grant shows is known: a misspelt column or word is reported as that, and as nothing else."""
    return grant.columns is None or (bool(grant.columns) and all(name in insight.types for name in grant.columns))


def _is_category(column: Field, checks: Iterable[Check]) -> bool:
    """Whether readers group by it: words, and numbers that stand for words because a rule lists them all."""
    listed_values = any(check.kind == "set" and check.columns == (column.name,) for check in checks)
    return _kind(column) in _CATEGORIES or (_kind(column) in _WHOLE_NUMBERS and listed_values)


def _kept(column: Field, checks: Iterable[Check]) -> bool:
    """Whether a rule that rejects runs holds the column's groups to its minimum."""
    wanted = column.inferred.minimum_cell if column.inferred else 0
    return any(
        check.kind == "minimum_cell"
        and check.severity == "error"
        and column.name in check.columns
        and isinstance(check.minimum, int | float)
        and check.minimum >= wanted
        for check in checks
    )


def _kind(column: Field) -> str:
    try:
        return parse_type(column.type).name
    except SqlError:
        return ""


def _later(day: date, term: timedelta) -> date:
    return day + term if day <= date.max - term else date.max


def _and(names: Iterable[str]) -> str:
    return listed(names).replace(" or ", " and ")
