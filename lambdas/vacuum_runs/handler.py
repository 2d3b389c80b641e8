"""Vacuums every insight, on a schedule: what is due goes, after its plan is in the log; one failure stops no other."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from insightshare.aws.publishing import own_ports, settings_from_environment
from insightshare.errors import InsightshareError, PlatformError
from insightshare.publish.ports import Ports
from insightshare.publish.repair import insights_in_lake
from insightshare.publish.vacuum import Retention, carry_out, gather, plan

KEEP_DAYS = "INSIGHTSHARE_KEEP_DAYS"


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Vacuum the insights that the event names (`{"insights": [...], "dry_run": true}`), or all; say what was done."""
    return handle(event, own_ports(settings_from_environment(os.environ)), retention_from_environment(os.environ))


def handle(event: dict[str, Any], ports: Ports, retention: Retention) -> dict[str, Any]:
    """Return per insight what was done, or with `dry_run` what would be; raise at the end if any insight failed."""
    done: dict[str, Any] = {}
    failed: list[str] = []
    for insight in event.get("insights") or insights_in_lake(ports):
        try:
            found = plan(gather(ports, insight), retention, ports.clock())
            print(found)
            done[insight] = (found if event.get("dry_run") else carry_out(ports, found)).to_json()
        except InsightshareError as error:
            print(f"{insight}: {type(error).__name__}: {error}", file=sys.stderr)
            failed.append(insight)
    print(json.dumps({"vacuumed": done}))
    if failed:
        raise PlatformError.at("vacuum", "insights", ", ".join(failed), "vacuumed", "read the log above")
    return done


def retention_from_environment(environment: Mapping[str, str]) -> Retention:
    """Return how long runs are kept; raise PlatformError where that is not said in whole days."""
    days = environment.get(KEEP_DAYS, "")
    if not days.isdecimal():
        fix = "set it in infra/ where the function is defined"
        raise PlatformError.at("Lambda environment", KEEP_DAYS, repr(days), "a number of days", fix)
    return Retention(keep=timedelta(days=int(days)))
