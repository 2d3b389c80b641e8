"""Holds a table against its contract: one query for all checks and the profile, one more per failed check."""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from insightshare.contract.facts import Check, Contract
from insightshare.quality.compiled import (
    audit_query,
    failing_rows_query,
    measure_name,
    profile_measures,
)
from insightshare.quality.verdict import CheckResult, Verdict

FAILING_KEYS = 10
_ROWWISE = ("not_null", "unique", "range", "set")


class Rows(Protocol):
    """What the gate needs of an engine."""

    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""


def audit(engine: Rows, table: str, contract: Contract, found_types: Mapping[str, str]) -> Verdict:
    """Return the verdict on `table`, whose files hold columns of `found_types` (Athena types, in file order).

    Where the columns are not the contract's, no other check can run: the verdict is the schema check alone.
    """
    schema_check = next(check for check in contract.checks if check.kind == "schema")
    if dict(found_types) != contract.types or list(found_types) != list(contract.types):
        wrong = sum(contract.types.get(name) != kind for name, kind in found_types.items())
        missing = sum(name not in found_types for name in contract.types)
        result = CheckResult.of(schema_check, False, missing_columns=missing, wrong_or_additional_columns=wrong)
        return Verdict(0, (result,))
    row = engine.row(audit_query(contract, table))
    results = tuple(_result(check, row) for check in contract.checks)
    by_id = {check.id: check for check in contract.checks}
    named = tuple(_with_keys(engine, table, contract, by_id[result.id], result) for result in results)
    return Verdict(row["rows"], named, _profile(contract, row))


def _result(check: Check, row: Mapping[str, Any]) -> CheckResult:
    if check.kind == "schema":
        return CheckResult.of(check, True)
    rows = row["rows"]
    if check.kind == "row_count":
        too_few = check.minimum is not None and rows < check.minimum
        too_many = check.maximum is not None and rows > check.maximum
        return CheckResult.of(check, not (too_few or too_many), rows=rows)
    broken = row[f"check_{check.id}"]
    return CheckResult.of(check, broken == 0, broken_rows=broken)


def _with_keys(engine: Rows, table: str, contract: Contract, check: Check, result: CheckResult) -> CheckResult:
    if result.passed or check.kind not in _ROWWISE:
        return result
    personal = any(column.personal for column in contract.columns if column.name in contract.key)
    found = engine.rows(failing_rows_query(contract, check, table, FAILING_KEYS))
    keys = tuple(tuple(_shown(part, personal) for part in key) for key in found)
    return CheckResult(**{**vars(result), "failing_keys": keys})


def _shown(part: str | None, personal: bool) -> str:
    text = "" if part is None else part
    return hashlib.sha256(text.encode()).hexdigest()[:16] if personal else text


def _profile(contract: Contract, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.name: {name: row[measure_name(column.name, name)] for name in profile_measures(column)}
        for column in contract.columns
    }
