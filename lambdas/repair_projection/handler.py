"""Repairs every insight's projection, on a schedule and after each deploy; one insight's failure stops no other."""

import os
import sys
from typing import Any

from insightshare.aws.publishing import own_ports, settings_from_environment
from insightshare.errors import InsightshareError, PlatformError
from insightshare.publish.ports import Ports
from insightshare.publish.repair import Plan, insights_in_lake, repair


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Repair the insights that the event names (`{"insights": [...]}`), or all of them; returns what was done."""
    return handle(event, own_ports(settings_from_environment(os.environ)))


def handle(event: dict[str, Any], ports: Ports) -> dict[str, Any]:
    """Return per insight the actions done and the findings; raise at the end if any insight failed."""
    plans: dict[str, Plan] = {}
    failed: list[str] = []
    for insight in event.get("insights") or insights_in_lake(ports):
        try:
            plans[insight] = repair(ports, insight)
            print(plans[insight])
        except InsightshareError as error:
            print(f"{insight}: {type(error).__name__}: {error}", file=sys.stderr)
            failed.append(insight)
    if failed:
        raise PlatformError.at("repair", "insights", ", ".join(failed), "repaired", "read the log above")
    return {
        insight: {"actions": [str(action) for action in plan.actions], "findings": list(plan.findings)}
        for insight, plan in plans.items()
    }
