"""Where things lie: keys in the lake bucket and names of tables. Reads and writes nothing."""

from insightshare.publish.facts import INSIGHT_NAME, RUN_ID

MANIFESTS = "runs/"
EMPTY = "empty"
RUN_PARTITION = "run_id"
AS_OF_PARTITION = "as_of"


def insight_folder(insight: str) -> str:
    """Return the folder that holds every run folder of an insight."""
    return f"insights/{insight}/"


def run_folder(insight: str, run_id: str) -> str:
    """Return the flat folder that holds the files of one run."""
    return f"{insight_folder(insight)}{run_id}/"


def empty_folder(insight: str) -> str:
    """Return the reserved folder that `_latest` points to when nothing is published; never holds an object."""
    return f"{insight_folder(insight)}{EMPTY}/"


def manifests_folder(insight: str) -> str:
    """Return the folder with an insight's manifests and decisions."""
    return f"{MANIFESTS}{insight}/"


def manifest_key(insight: str, run_id: str) -> str:
    """Return the key of a run's manifest."""
    return f"{manifests_folder(insight)}{run_id}/manifest.json"


def parse_manifest_key(key: str) -> tuple[str, str] | None:
    """Return (insight, run id) of a manifest's key, or None if the key is not one."""
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != "runs" or parts[3] != "manifest.json":
        return None
    if not INSIGHT_NAME.fullmatch(parts[1]) or not RUN_ID.fullmatch(parts[2]):
        return None
    return parts[1], parts[2]


def decisions_folder(insight: str) -> str:
    """Return the folder with an insight's decisions."""
    return f"{manifests_folder(insight)}decisions/"


def decision_key(insight: str, sequence: int) -> str:
    """Return the key of a decision; keys sort by sequence."""
    return f"{decisions_folder(insight)}{sequence:012d}.json"


def pins_folder(insight: str) -> str:
    """Return the folder that remembers which runs of an insight are pinned."""
    return f"{manifests_folder(insight)}pins/"


def pin_key(insight: str, run_id: str) -> str:
    """Return the key that remembers a run's pin."""
    return f"{pins_folder(insight)}{run_id}.json"


def erasure_key(insight: str, erasure: str) -> str:
    """Return the key of an erasure's record."""
    return f"{manifests_folder(insight)}erasures/{erasure}.json"


def receipts_folder(insight: str) -> str:
    """Return the folder with an insight's receipts."""
    return f"receipts/{insight}/"


def receipt_key(insight: str, run_id: str) -> str:
    """Return the key of a run's receipt."""
    return f"{receipts_folder(insight)}{run_id}.json"


def history_table(insight: str) -> str:
    """Return the table with one partition per as_of."""
    return insight


def latest_table(insight: str) -> str:
    """Return the unpartitioned table on the newest as_of."""
    return f"{insight}_latest"


def runs_table(insight: str) -> str:
    """Return the table with one partition per retained run."""
    return f"{insight}_runs"
