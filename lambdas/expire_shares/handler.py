"""Ends what is past its end and says so before, every day; one client's failure stops no other. Grants nothing."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import boto3

from insightshare.aws.grants import ClientGrants
from insightshare.aws.notices import Notices
from insightshare.aws.s3 import S3Storage
from insightshare.errors import InsightshareError, PlatformError
from insightshare.share.expiry import Catalog, Share, due_notice, ending_steps, event_day, read_shares

LIMIT_BYTES = 10 * 1024 * 1024
SETTINGS = {
    "bucket": "INSIGHTSHARE_SHARES_BUCKET",
    "key": "INSIGHTSHARE_SHARES_KEY",
    "registry": "INSIGHTSHARE_REGISTRY",
    "topic_arn": "INSIGHTSHARE_NOTICE_TOPIC",
}


@dataclass(frozen=True)
class Settings:
    """Where the deployment wrote its shares down, where notices are remembered and sent."""

    bucket: str
    key: str
    registry: str
    topic_arn: str


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """End and announce as of the day of the event's `time`; with `dry_run` only say what would be done."""
    return handle(event, boto3.Session(), settings_from_environment(os.environ))


def handle(event: dict[str, Any], session: boto3.Session, settings: Settings) -> dict[str, Any]:
    """Return what was done per client, with `dry_run` what would be; raise at the end if any client failed."""
    today, dry_run = event_day(event), bool(event.get("dry_run"))
    stored = S3Storage(session.client("s3"), settings.bucket).read(settings.key, LIMIT_BYTES)
    catalog, shares = read_shares((stored or b"").decode(), f"s3://{settings.bucket}/{settings.key}")
    notices = Notices(session.client("sns"), settings.topic_arn, session.client("dynamodb"), settings.registry)
    done: dict[str, Any] = {}
    failed: list[str] = []
    for share in shares:
        try:
            done[share.client] = {
                "ended": _end(session, share, catalog, today, dry_run),
                "notice": _announce(notices, share, today, dry_run),
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


def _end(session: boto3.Session, share: Share, catalog: Catalog, today: date, dry_run: bool) -> list[str]:
    grants = ClientGrants(session.client("lakeformation"), share.principal)
    steps = ending_steps(share, catalog, today)
    return [str(step) for step in steps if dry_run or grants.carry_out(step)]


def _announce(notices: Notices, share: Share, today: date, dry_run: bool) -> str | None:
    notice = due_notice(share, today)
    if notice is None or not (dry_run or notices.send_once(notice, today)):
        return None
    return notice.subject
