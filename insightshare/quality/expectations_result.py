"""A run's verdict as Great Expectations' own ExpectationSuiteValidationResult, in JSON types. Imports none of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insightshare.quality.expectations import OWN_RULE

FORMAT_VERSION = "1.24.1"
"""The Great Expectations whose format this is; a test loads it with the one that is pinned."""
_SEVERITIES = {"error": "critical", "warning": "warning"}
_ABOUT_NULLS = ("not_null", "null")
_ELSEWHERE = ("drift",)
"""Kinds that compare with another run: no expectation on this one."""


@dataclass(frozen=True)
class JudgedRun:
    """Which run a verdict is about; `key` are the columns that failing rows are named by."""

    insight: str
    as_of: str
    run_id: str
    judged_at_utc: str
    passed: bool
    rows: int
    key: tuple[str, ...] = ()


def suite_result(run: JudgedRun, checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document for a run, from its manifest's `checks`.

    `success` is Great Expectations' own: no check failed at all. Whether the run may be shown is `meta.insightshare`.
    """
    results = [_result(run, check) for check in checks if check["kind"] not in _ELSEWHERE]
    successful = sum(result["success"] for result in results)
    return {
        "success": successful == len(results),
        "results": results,
        "suite_name": run.insight,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(results),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(results) - successful,
            "success_percent": 100 * successful / len(results) if results else None,
        },
        "meta": _meta(run, [check for check in checks if check["kind"] in _ELSEWHERE]),
        "id": None,
    }


def _meta(run: JudgedRun, elsewhere: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    batch = {"as_of": run.as_of, "run_id": run.run_id}
    return {
        "great_expectations_version": FORMAT_VERSION,
        "run_id": {"run_name": run.run_id, "run_time": run.judged_at_utc},
        "validation_time": run.judged_at_utc,
        "batch_spec": {"data_asset_name": run.insight, **batch},
        "batch_markers": {"ge_load_time": run.judged_at_utc},
        "active_batch_definition": {
            "datasource_name": "insightshare",
            "data_connector_name": "fluent",
            "data_asset_name": run.insight,
            "batch_identifiers": batch,
        },
        "insightshare": {"passed": run.passed, "rows": run.rows, "other_checks": [dict(check) for check in elsewhere]},
    }


def _result(run: JudgedRun, check: Mapping[str, Any]) -> dict[str, Any]:
    wanted = check.get("expectation") or {"type": OWN_RULE, "kwargs": {"unexpected_rows_query": "/* {batch} */"}}
    return {
        "success": check["passed"],
        "expectation_config": {
            "type": wanted["type"],
            "kwargs": dict(wanted["kwargs"]),
            "meta": {"check": check["id"], "kind": check["kind"]},
            "severity": _SEVERITIES[check["severity"]],
            "description": check["sentence"],
        },
        "result": _rows_found(run, check) if "broken_rows" in _observed(check) else _number_found(check),
        "meta": {},
        "exception_info": {"raised_exception": False, "exception_traceback": None, "exception_message": None},
    }


def _observed(check: Mapping[str, Any]) -> Mapping[str, Any]:
    return check.get("observed") or {}


def _rows_found(run: JudgedRun, check: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule on rows found; never a value, so the list of unexpected ones is empty and keys name the rows."""
    broken, considered = _observed(check)["broken_rows"], check.get("considered_rows")
    considered = run.rows if considered is None else considered
    found = {
        "element_count": run.rows,
        "unexpected_count": broken,
        "unexpected_percent": _percent(broken, considered),
        "partial_unexpected_list": [],
        **_named_rows(run, check),
    }
    if check["kind"] in _ABOUT_NULLS:
        return found
    return found | {
        "missing_count": run.rows - considered,
        "missing_percent": _percent(run.rows - considered, run.rows),
        "unexpected_percent_total": _percent(broken, run.rows),
        "unexpected_percent_nonmissing": _percent(broken, considered),
    }


def _named_rows(run: JudgedRun, check: Mapping[str, Any]) -> dict[str, Any]:
    keys = check.get("failing_keys") or ()
    if not keys:
        return {}
    # A key part that may not be shown is left out of the keys; then the parts have no names.
    names = run.key if len(run.key) == len(keys[0]) else tuple(f"key_{place + 1}" for place in range(len(keys[0])))
    return {
        "unexpected_index_column_names": list(names),
        "partial_unexpected_index_list": [dict(zip(names, key, strict=True)) for key in keys],
    }


def _number_found(check: Mapping[str, Any]) -> dict[str, Any]:
    measured, observed = check.get("measured"), dict(_observed(check))
    if check["kind"] == "schema":  # only how many columns are wrong is known, not which were found instead
        return {"observed_value": list(check["columns"]) if check["passed"] else [], "details": observed}
    if isinstance(measured, list | tuple):
        shares = check["expectation"]["kwargs"]["quantile_ranges"]["quantiles"]
        return {"observed_value": {"quantiles": list(shares), "values": list(measured)}, "details": observed}
    value = observed.get("rows") if measured is None else measured
    return {"observed_value": value, **({"details": observed} if observed else {})}


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
