"""Delivers the source `share_reads`: what a day's log files say of who read our tables, short. Judges no delivery."""

from datetime import date, timedelta

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from insightshare.aws.deployment import Deployment
from insightshare.aws.trail import trail_records
from insightshare.contract.facts import Project
from insightshare.errors import NotFound
from insightshare.jobs.workplace import Workplace
from insightshare.publish.receipts import receipt_columns
from insightshare.share.preview import table_types
from insightshare.share.reads import WANTED, reads_of
from insightshare.share.usage import Setting, Usage, usage_of

SOURCE = "share_reads"


def deliver_reads(session: boto3.Session, place: Workplace, deployment: Deployment, as_of: str) -> list[Usage]:
    """Deliver who read what on the day before `as_of`, and return it; a day without reads is delivered too."""
    day = date.fromisoformat(as_of) - timedelta(days=1)
    account = (deployment.account_id, deployment.region)
    records = trail_records(session.client("s3"), deployment.trail, account, (day, day), WANTED)
    reads = reads_of(records, deployment.account_id, deployment.database, (day, day))
    lines = usage_of(reads, _setting(place.project, deployment, day))
    file = place.scratch / "part-00000.parquet"
    pq.write_table(reads_table(place.project, lines, str(day)), file)
    place.landing.upload(file, f"raw/{SOURCE}/{as_of}/{file.name}")
    place.say(f"delivered {SOURCE} {as_of}: {len(lines):,} rows, {len(reads):,} reads of {day}")
    return lines


def reads_table(project: Project, lines: list[Usage], day: str) -> pa.Table:
    """Return the delivery: one row per reader and table, in the columns of the source's contract."""
    rows = [
        {
            "client": line.client,
            "table_name": line.table,
            "read_on": day,
            "queries": line.queries,
            "scanned_bytes": line.scanned_bytes,
            "dollars": line.dollars,
            "paid_by": line.paid_by,
            "last_use_utc": line.last_use_utc.isoformat(),
        }
        for line in lines
    ]
    kinds = {"string": pa.string(), "bigint": pa.int64(), "double": pa.float64()}
    types = project.sources[SOURCE].types
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds[kind]) for name, kind in types.items()]))


def named_deployment(project: Project, environment: str) -> Deployment:
    """Return the deployment of one of the project's environments; raises NotFound naming the choices."""
    chosen = project.environments.get(environment)
    if chosen is None:
        choices = ", ".join(project.environments)
        fix = "add it to project.yaml"
        raise NotFound.at("job deliver", "--deployment", repr(environment), f"one of {choices}", fix)
    return Deployment(chosen.name, chosen.account_id, chosen.region)


def _setting(project: Project, deployment: Deployment, day: date) -> Setting:
    return Setting(
        project=project,
        account_id=deployment.account_id,
        client_role=deployment.client_role_arn(""),
        types=table_types(project, dict(receipt_columns())),
        database=deployment.database,
        today=day,
    )
