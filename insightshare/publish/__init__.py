"""Publishing: claim, manifest, decisions and their projection onto the catalog. Knows ports, never AWS."""

from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.facts import Claim, Decision, Kind, Pointer, Run, State
from insightshare.publish.manifest import File, Input, Lineage, Manifest, Model
from insightshare.publish.pins import pin, unpin
from insightshare.publish.ports import Ports, Registry
from insightshare.publish.rebuild import Restoration, rebuild
from insightshare.publish.receipts import read_receipt, receipt_columns
from insightshare.publish.registration import Registration, register
from insightshare.publish.repair import Plan, insights_in_lake, repair
from insightshare.publish.undo import rollback, undo, withdraw
from insightshare.publish.vacuum import Retention, VacuumPlan, vacuum

__all__ = [
    "Claim",
    "Decision",
    "File",
    "Input",
    "Kind",
    "Lineage",
    "Manifest",
    "Model",
    "Plan",
    "Pointer",
    "Ports",
    "Registration",
    "Restoration",
    "Retention",
    "Run",
    "State",
    "VacuumPlan",
    "claim",
    "insights_in_lake",
    "pin",
    "read_receipt",
    "rebuild",
    "receipt_columns",
    "register",
    "repair",
    "rollback",
    "runs",
    "undo",
    "unpin",
    "vacuum",
    "withdraw",
    "write_manifest",
]


def runs(registry: Registry, insight: str) -> tuple[Run, ...]:
    """Return every run of an insight, newest first."""
    return tuple(reversed(registry.runs(insight)))
