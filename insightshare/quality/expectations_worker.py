"""What runs inside Great Expectations' own environment: validates a file, or draws Data Docs. Imports nothing of ours.

Called as `python expectations_worker.py REQUEST ANSWER`, both JSON files. Requests:
`{"task": "validate", "data": Parquet file, "key": [columns], "checks": [{"id", "type", "kwargs"}]}` and
`{"task": "docs", "document": validation result, "folder": path}`. Answers hold counts, numbers and keys, no more.
"""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import: nothing is told to anybody

import great_expectations as gx
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

KEYS = 10
_COUNTS = ("element_count", "unexpected_count", "missing_count")
_EXACT_IN_DOUBLES = 2**53
_NOT_KEPT = "(not recorded)"
# First in the page, so that the styles that the page itself asks the internet for come after it, where they can be had.
_STYLE = """<style>
body { font-family: sans-serif; margin: 1rem; } .container-fluid { padding: 0 1rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #ddd; padding: 0.3rem 0.6rem; text-align: left; }
.fas { font-style: normal; } .text-success { color: #28a745; } .text-danger { color: #dc3545; }
.fa-check-circle::before { content: "\\2714" !important; } .fa-times::before { content: "\\2718" !important; }
</style>"""


def main(request_path: str, answer_path: str) -> None:
    """Do what the request asks, and write the answer."""
    warnings.simplefilter("ignore")
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    answer = validate(request) if request["task"] == "validate" else draw(request["document"], Path(request["folder"]))
    Path(answer_path).write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")


def validate(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one answer per check: how it ended, what was counted or measured, and keys of rows that broke it."""
    asset = context().data_sources.add_pandas("run").add_dataframe_asset("run")
    batch = asset.add_batch_definition_whole_dataframe("run").get_batch({"dataframe": read_frame(request["data"])})
    return answers(batch, request["checks"], request["key"])


def answers(batch: Any, checks: list[dict[str, Any]], key: list[str]) -> list[dict[str, Any]]:
    """Return the answers about a batch, on whatever engine it is."""
    named = {"unexpected_index_column_names": key} if key else {}
    how = {"result_format": "SUMMARY", "partial_unexpected_count": KEYS, **named}
    return [_validated(batch, check, how, key) for check in checks]


def read_frame(path: str) -> pd.DataFrame:
    """Return the file as pandas holds it; whole numbers beside nulls become doubles unless that changes them.

    Great Expectations stops at pandas' own null in many rules, so its nullable types are kept for large numbers alone.
    """
    table = pq.read_table(path)
    frame: pd.DataFrame = table.to_pandas()
    for name in table.schema.names:
        column = table.column(name)
        if pa.types.is_integer(column.type) and column.null_count and _is_large(column):
            frame[name] = pd.array(column.to_pylist(), dtype="Int64")
    return frame


def _is_large(column: pa.ChunkedArray) -> bool:
    extremes = pc.min_max(column).as_py()
    return any(value is not None and abs(value) > _EXACT_IN_DOUBLES for value in extremes.values())


def context() -> Any:
    """Return a project of Great Expectations that is gone with the process."""
    ephemeral = gx.get_context(mode="ephemeral")
    ephemeral.variables.progress_bars = {"globally": False}
    return ephemeral


def _validated(batch: Any, check: dict[str, Any], how: dict[str, Any], key: list[str]) -> dict[str, Any]:
    try:
        configured = gx.expectations.expectation.ExpectationConfiguration(type=check["type"], kwargs=check["kwargs"])
        found = batch.validate(configured.to_domain_obj(), result_format=how)
    except Exception as error:
        return {"id": check["id"], "error": type(error).__name__}
    raised = _raised(found.exception_info)
    if raised:
        return {"id": check["id"], "error": raised}
    return {"id": check["id"], "error": None, "success": bool(found.success), **_seen(found.result, key)}


def _seen(result: dict[str, Any], key: list[str]) -> dict[str, Any]:
    counts = {name: int(result[name]) for name in _COUNTS if result.get(name) is not None}
    rows = (result.get("partial_unexpected_index_list") or []) if key else []
    return {
        **counts,
        "measured": _measured(result.get("observed_value")),
        "keys": [[_text(row[name]) for name in key] for row in rows],
    }


def _raised(info: dict[str, Any]) -> str | None:
    """The kind of the exception that stopped an expectation; its message may quote data, so it is left behind."""
    infos = [info] if "raised_exception" in info else list(info.values())
    for one in (one for one in infos if one["raised_exception"]):
        last = (one.get("exception_traceback") or "").strip().splitlines()[-1:] or ["Exception"]
        return last[0].split(":")[0].split(".")[-1].strip()[:80]
    return None


def _measured(value: Any) -> float | list[float | None] | None:
    if isinstance(value, dict) and "quantiles" in value:
        return [_number(one) for one in value["values"]]
    return _number(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    number = float(value)
    return number if abs(number) < float("inf") else None


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA else str(value)


def draw(document: dict[str, Any], folder: Path) -> dict[str, str]:
    """Write a Data Docs site about one validation result; return where its page about the result is."""
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    ephemeral = context()
    for site in list(ephemeral.variables.data_docs_sites or {}):
        ephemeral.delete_data_docs_site(site)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": store,
        "site_index_builder": index,
    }
    ephemeral.add_data_docs_site(site_name="run", site_config=site)
    run = RunIdentifier(**document["meta"]["run_id"])
    place = ValidationResultIdentifier(ExpectationSuiteIdentifier(document["suite_name"]), run, run.run_name)
    ephemeral.validation_results_store.set(place, expectationSuiteValidationResultSchema.load(_drawable(document)))
    ephemeral.build_data_docs()
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("<head>", "<head>" + _STYLE, 1), encoding="utf-8")
    result = next(page for page in pages if "validations" in page.parts and run.run_name in page.parts)
    return {"page": str(result), "index": str(folder / "index.html")}


def _drawable(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a value for each named row, without which Data Docs would not show the rows' keys."""
    for result in document["results"]:
        result["expectation_config"]["description"] = result["expectation_config"]["description"].replace("$", "$$")
        result["result"].update(
            _table_of_keys(result["result"], list(_columns(result["expectation_config"]["kwargs"])))
        )
    return document


def _table_of_keys(found: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    keys = found.get("partial_unexpected_index_list")
    if not keys:
        return {}
    unnamed = [column for column in columns if column not in found["unexpected_index_column_names"]] or ["value"]
    return {
        "unexpected_index_list": [{unnamed[0]: _NOT_KEPT, **key} for key in keys],
        "partial_unexpected_counts": [{"value": _NOT_KEPT, "count": len(keys)}],
    }


def _columns(arguments: dict[str, Any]) -> Iterator[str]:
    for name in ("column", "column_A"):
        if name in arguments:
            yield arguments[name]
    yield from arguments.get("column_list", [])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
