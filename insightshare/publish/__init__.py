"""Publishing: claim, manifest, decisions and their projection onto the catalog. Knows ports, never AWS."""

from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.facts import Claim, Decision, Kind, Pointer, Run, State
from insightshare.publish.manifest import File, Input, Lineage, Manifest, Model
from insightshare.publish.ports import Ports
from insightshare.publish.receipts import read_receipt, receipt_columns

__all__ = [
    "Claim",
    "Decision",
    "File",
    "Input",
    "Kind",
    "Lineage",
    "Manifest",
    "Model",
    "Pointer",
    "Ports",
    "Run",
    "State",
    "claim",
    "read_receipt",
    "receipt_columns",
    "write_manifest",
]
