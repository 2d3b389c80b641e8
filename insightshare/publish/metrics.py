"""Metrics as log lines in CloudWatch's embedded metric format: no call, no permission. Writes nothing itself."""

import json
from datetime import datetime

from insightshare.publish.facts import State

NAME_OF_OUTCOME = {
    State.CURRENT: "RunsPublished",
    State.SUPERSEDED: "RunsSuperseded",
    State.REJECTED: "RunsRejected",
    State.WITHDRAWN: "RunsSuperseded",
}
REFUSED = "ManifestsRefused"


def metric_line(namespace: str, name: str, insight: str, now: datetime) -> str:
    """Return the log line that counts one occurrence of a metric for an insight."""
    definition = {"Namespace": namespace, "Dimensions": [["insight"]], "Metrics": [{"Name": name, "Unit": "Count"}]}
    stamp = int(now.timestamp() * 1000)
    line = {"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [definition]}, "insight": insight, name: 1}
    return json.dumps(line)
