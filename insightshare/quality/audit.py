"""Holds a table against its contract: one query for all checks, one per column for its spread, one per failure."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from athenasql import parse_type
from insightshare.contract.expectations import columns_stated
from insightshare.contract.facts import Check, Contract
from insightshare.errors import DataInvalid, PlatformError
from insightshare.quality.compiled import (
    GROUPED,
    answer_name,
    excess_query,
    failing_rows_query,
    proved_by_order,
    stated_query,
    target_query,
)
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import Dialect, base_type
from insightshare.quality.expectations_runner import Tables
from insightshare.quality.judged import is_row_rule, judged_measure, judged_rows
from insightshare.quality.profile import Rows, column_profile
from insightshare.quality.verdict import CheckResult, Verdict

FAILING_KEYS = 10
SALT_BYTES = 32


class Expectations(Protocol):
    """Runs the expectations that no query can hold; `insightshare.quality.expectations` is one."""

    def __call__(
        self, engine: Tables, table: str, contract: Contract, checks: tuple[Check, ...], rows: int
    ) -> tuple[CheckResult, ...]:
        """Return one result per check, in the order of `checks`."""


def audit(
    engine: Tables,
    table: str,
    contract: Contract,
    found_types: Mapping[str, str],
    as_of: str | None = None,
    expectations: Expectations | None = None,
    secret: bytes | None = None,
    with_profile: bool = True,
) -> Verdict:
    """Return the verdict on `table`, whose files hold columns of `found_types` (Athena types, in file order).

    Where the columns are not the contract's, no other check can run: the verdict is the schema check alone.
    `as_of` (an ISO date) is what freshness is measured from. Personal keys are shown as digests under `secret`;
    without one under a random salt that nobody keeps, so that nobody can find out by trying which key it was.
    """
    schema_check = next(check for check in contract.checks if check.kind == "schema")
    if dict(found_types) != contract.types or list(found_types) != list(contract.types):
        wrong = sum(contract.types.get(name) != kind for name, kind in found_types.items())
        missing = sum(name not in found_types for name in contract.types)
        result = CheckResult.of(schema_check, False, missing_columns=missing, wrong_or_additional_columns=wrong)
        return Verdict(0, (result,))
    target = Target(contract, table, Dialect(engine.dialect))
    row = _answers(engine, target, with_profile)
    results = {check.id: _result(engine, target, check, row, as_of) for check in contract.checks if _compiled(check)}
    results |= _expected(engine, table, contract, expectations, row["rows"])
    named = _Keys(engine, target, secret or secrets.token_bytes(SALT_BYTES))
    checks = tuple(named.added(check, results[check.id]) for check in contract.checks)
    return Verdict(row["rows"], checks, _profile(engine, target, row, results) if with_profile else {})


def failing_keys(
    engine: Rows, table: str, contract: Contract, check: Check, limit: int = FAILING_KEYS
) -> list[tuple[str, ...]]:
    """Return the keys of rows that break a check, as they are: for those who may read the table itself."""
    target = Target(contract, table, Dialect(engine.dialect))
    found = engine.rows(failing_rows_query(target, check, limit))
    return [tuple("" if part is None else part for part in key) for key in found]


def _answers(engine: Rows, target: Target, with_moments: bool) -> dict[str, Any]:
    """The one query's row; where a stated query fails on these data (it divides by zero), that rule has no answer."""
    stated = [check for check in target.contract.checks if check.kind == "sql"]
    try:
        return engine.row(target_query(target, with_moments))
    except DataInvalid:
        if not stated:
            raise
    row = engine.row(target_query(target, with_moments, without=tuple(check.id for check in stated)))
    for check in stated:
        try:
            row |= engine.row(stated_query(target, check))
        except DataInvalid:
            row[answer_name(check, 0)] = None
    return row


def _compiled(check: Check) -> bool:
    return check.kind != "expectation"


def _result(engine: Rows, target: Target, check: Check, row: Mapping[str, Any], as_of: str | None) -> CheckResult:
    if check.kind == "schema":
        return CheckResult.of(check, True)
    if check.kind == "columns":
        stated, found_names = columns_stated(check, list(target.contract.types))
        return CheckResult.of(check, stated == found_names)
    if check.kind == "type":
        found = parse_type(target.contract.types[check.columns[0]])
        return CheckResult.of(check, any(parse_type(str(kind)) == found for kind in check.values))
    if check.kind == "freshness" and as_of is None:
        raise PlatformError.at(
            check.id, "as_of", "nothing", "a day to measure freshness from", "pass as_of to the audit"
        )
    numbers = _numbers(engine, target, check, row)
    if is_row_rule(check):
        return judged_rows(check, numbers[0], numbers[1], row["rows"])
    column_type = base_type(target.contract.types[check.columns[0]]) if check.columns else ""
    return judged_measure(check, numbers, column_type, as_of)


def _numbers(engine: Rows, target: Target, check: Check, row: Mapping[str, Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    while answer_name(check, len(found)) in row:
        found.append(row[answer_name(check, len(found))])
    if not proved_by_order(target, check):
        return tuple(found)
    if found[0] == max(row["rows"] - 1, 0):
        return 0, row["rows"]
    return tuple(engine.row(excess_query(target, check)).values())


def _expected(
    engine: Tables, table: str, contract: Contract, expectations: Expectations | None, rows: int
) -> dict[str, CheckResult]:
    checks = tuple(check for check in contract.checks if not _compiled(check))
    if not checks:
        return {}
    if expectations is None:
        fix = "install requirements/expectations.txt where this runs"
        raise PlatformError.at(contract.name, checks[0].id, "no Great Expectations", "what runs this rule", fix)
    return {result.id: result for result in expectations(engine, table, contract, checks, rows)}


class _Keys:
    """Names failing rows by their keys, as far as a manifest may."""

    def __init__(self, engine: Rows, target: Target, secret: bytes) -> None:
        self._engine, self._target, self._secret = engine, target, secret
        self._columns = {column.name: column for column in target.contract.columns}

    def added(self, check: Check, result: CheckResult) -> CheckResult:
        """Return the result with the keys of some rows that broke the check."""
        if check.kind == "expectation":  # it comes back with keys, as they are
            return replace(result, failing_keys=tuple(self._shown(key) for key in result.failing_keys))
        if result.passed or not (is_row_rule(check) or check.kind in GROUPED):
            return result
        found = self._engine.rows(failing_rows_query(self._target, check, FAILING_KEYS))
        return replace(result, failing_keys=tuple(self._shown(key) for key in found))

    def _shown(self, key: tuple[str | None, ...]) -> tuple[str, ...]:
        named = [(self._columns[name], part or "") for name, part in zip(self._target.contract.key, key, strict=True)]
        personal = any(column.personal for column, _ in named)
        return tuple(
            hmac.digest(self._secret, part.encode(), "sha256").hex()[:16] if personal else part
            for column, part in named
            if column.classification != "restricted"
        )


def _profile(
    engine: Rows, target: Target, row: Mapping[str, Any], results: Mapping[str, CheckResult]
) -> dict[str, dict[str, Any]]:
    unique = {
        check.columns[0]
        for check in target.contract.checks
        if check.kind == "unique" and len(check.columns) == 1 and results[check.id].observed == {"broken_rows": 0}
    }
    return {
        column.name: column_profile(engine, target, column, row, column.name in unique)
        for column in target.contract.columns
    }
