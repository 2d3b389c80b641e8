"""The public part of a receipt: one line per registered run, in the columns that `insight_receipts` has. No profile."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any

from insightshare.contract.facts import TableKind
from insightshare.errors import NotFound
from insightshare.publish.facts import RETAINED, Pointer, Run
from insightshare.publish.layout import receipt_key
from insightshare.publish.manifest import Manifest
from insightshare.publish.ports import Registry, Storage

# The one place that defines the table's columns; Terraform reads the same file.
COLUMNS_FILE = "receipt_columns.json"
PUBLIC_CHECK_FIELDS = ("id", "kind", "columns", "severity", "passed", "sentence")  # never what a check observed
_NOWHERE = Pointer("", None, 0)
PUBLIC_DRIFT_FIELDS = ("since_run_id", "since_as_of", "rows_before", "came", "went", "stayed")
MAX_RECEIPT_BYTES = 1024 * 1024


def receipt_columns() -> tuple[tuple[str, str], ...]:
    """Return (name, Athena type) of each column of the table `insight_receipts`."""
    text = files("insightshare.publish").joinpath(COLUMNS_FILE).read_text(encoding="utf-8")
    return tuple((column["name"], column["type"]) for column in json.loads(text))


def receipt(manifest: Manifest, registered_at_utc: str) -> dict[str, Any]:
    """Return what every reader of an insight may know of a run."""
    model = manifest.lineage.model
    return {
        "insight": manifest.claim.insight,
        "as_of": manifest.claim.as_of,
        "run_id": manifest.claim.run_id,
        "sequence": manifest.claim.sequence,
        "passed": manifest.passed,
        "registered_at_utc": registered_at_utc,
        "row_count": manifest.rows,
        "code_version": manifest.lineage.code_version,
        "engine": manifest.lineage.engine,
        "model_version": model.version if model else None,
        "model_quality": dict(model.quality) if model else None,
        "inputs": [
            {"source": i.source, "as_of": i.as_of, "snapshot_id": i.snapshot_id, "row_count": i.rows}
            for i in manifest.lineage.inputs
        ],
        "checks": [{name: check[name] for name in PUBLIC_CHECK_FIELDS} for check in manifest.checks],
        "freshness": _freshness(manifest, registered_at_utc),
        "drift": _drift(manifest),
    }


def _freshness(manifest: Manifest, registered_at_utc: str) -> dict[str, Any]:
    """How old the oldest input was, and how long after the as_of's day began (UTC) the run could be read.

    A rejected run never can be, so it keeps no promise and breaks none.
    """
    day = datetime.fromisoformat(f"{manifest.claim.as_of}T00:00:00+00:00")
    hours = round((datetime.fromisoformat(registered_at_utc) - day).total_seconds() / 3600, 3)
    ages = [(day.date() - datetime.fromisoformat(item.as_of).date()).days for item in manifest.lineage.inputs]
    promised = manifest.promised_hours
    return {
        "oldest_input_days": max(ages, default=None),
        "published_after_hours": hours if manifest.passed else None,
        "promised_hours": promised,
        "promise_kept": hours <= promised if manifest.passed and promised is not None else None,
    }


def _drift(manifest: Manifest) -> dict[str, Any] | None:
    """The measures of drift: numbers about columns, never a value of one; who moved where stays with the profile."""
    drift = manifest.drift
    if not drift:
        return None
    measures = [
        {"measure": m["measure"], "column_name": m["column"] or None, "value": m.get("value"), "level": m.get("level")}
        for m in drift["measures"]
    ]
    return {**{name: drift.get(name) for name in PUBLIC_DRIFT_FIELDS}, "measures": measures}


def write_receipt(storage: Storage, manifest: Manifest, registered_at_utc: str) -> None:
    """Write the receipt as one JSON line, once; writing it again changes nothing."""
    line = json.dumps(receipt(manifest, registered_at_utc), allow_nan=False) + "\n"
    storage.create(receipt_key(manifest.claim.insight, manifest.claim.run_id), line.encode())


def read_receipt(storage: Storage, insight: str, run_id: str) -> dict[str, Any]:
    """Return the receipt of a registered run."""
    body = storage.read(receipt_key(insight, run_id), MAX_RECEIPT_BYTES)
    if body is None:
        fix = f"take a run of `insightshare runs {insight}`"
        raise NotFound.at(insight, "run", repr(run_id), "a registered run", fix)
    return dict(json.loads(body))


def tables_showing(registry: Registry, run: Run) -> frozenset[TableKind]:
    """Return which of the insight's tables show the run now; none of one that was rejected or is going."""
    kinds: dict[TableKind, bool] = {
        "runs": run.state in RETAINED,
        "history": (registry.pointer(run.insight, run.as_of) or _NOWHERE).run_id == run.run_id,
        "latest": (registry.newest_pointer(run.insight) or _NOWHERE).run_id == run.run_id,
    }
    return frozenset(kind for kind, shows in kinds.items() if shows)
