"""Ends what is past its end and says so before, every day; one client's failure stops no other. Grants nothing."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from insightshare.aws.expiry import DeployedShares, Settings, own_shares
from insightshare.errors import InsightshareError, PlatformError
from insightshare.share.expiry import Catalog, Share, due_notice, ending_steps, event_day, latest_first

SETTINGS = {
    "bucket": "INSIGHTSHARE_SHARES_BUCKET",
    "key": "INSIGHTSHARE_SHARES_KEY",
    "registry": "INSIGHTSHARE_REGISTRY",
    "topic_arn": "INSIGHTSHARE_NOTICE_TOPIC",
}


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """End and announce as of the day of the event's `time`; with `dry_run` only say what would be done."""
    return handle(event, own_shares(settings_from_environment(os.environ)))


def handle(event: dict[str, Any], deployed: DeployedShares) -> dict[str, Any]:
    """Return what was done per client, with `dry_run` what would be; raise at the end if any client failed."""
    today, dry_run = event_day(event), bool(event.get("dry_run"))
    catalog, shares = deployed.read()
    done: dict[str, Any] = {}
    failed: list[str] = []
    for share in latest_first(shares):
        try:
            done[share.client] = {
                "ended": _end(deployed, share, catalog, today, dry_run),
                "notice": _announce(deployed, share, today, dry_run),
            }
        except InsightshareError as error:
            print(f"{share.client}: {type(error).__name__}: {error}", file=sys.stderr)
            failed.append(share.client)
    print(json.dumps({"day": today.isoformat(), "dry_run": dry_run, "clients": done}))
    if failed:
        raise PlatformError.at("expiry", "clients", ", ".join(failed), "looked after", "read the log above")
    return done


def settings_from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the Lambda's settings; raise PlatformError naming every variable that is missing."""
    absent = ", ".join(sorted(name for name in SETTINGS.values() if not environment.get(name)))
    if absent:
        fix = "set them in infra/ where the function is defined"
        raise PlatformError.at("Lambda environment", absent, "absent", "set", fix)
    return Settings(**{field: environment[name] for field, name in SETTINGS.items()})


def _end(deployed: DeployedShares, share: Share, catalog: Catalog, today: date, dry_run: bool) -> list[str]:
    grants = deployed.grants(share)
    return [str(step) for step in ending_steps(share, catalog, today) if dry_run or grants.carry_out(step)]


def _announce(deployed: DeployedShares, share: Share, today: date, dry_run: bool) -> str | None:
    notice = due_notice(share, today)
    if notice is None or not (dry_run or deployed.notices.send_once(notice, today)):
        return None
    return notice.subject
