"""What the trail's records say of who read what: by agreement, as far as the evidence goes, at Athena's price."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from insightshare.aws.deployment import Deployment
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.publish.receipts import receipt_columns
from insightshare.share.preview import table_types
from insightshare.share.reads import Read, reads_of
from insightshare.share.usage import ATHENA_DOLLARS_PER_TIB, OURSELVES, Setting, Usage, charged_bytes, since, usage_of

US, ACME, STRANGER = "111111111111", "222222222222", "999999999990"
PROJECT: Project = load_project(Path(__file__).resolve().parents[3])
DEPLOYMENT = Deployment("local", US, "eu-west-1")
GLOBEX_ROLE = DEPLOYMENT.client_role_arn("globex")
MIB = 1024**2
DAY, TODAY = date(2026, 11, 20), date(2026, 11, 21)
TYPES = table_types(PROJECT, dict(receipt_columns()))


def access(query: str, table: str = "churn", account: str = ACME, principal: str = "", **more: Any) -> dict[str, Any]:
    """`GetDataAccess` as Athena's are documented; of another account without the name of its principal."""
    named = {"lakeFormationPrincipal": principal} if principal else {}
    return {
        "eventID": f"access-{query}-{table}",
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "lakeformation.amazonaws.com",
        "eventName": "GetDataAccess",
        "userIdentity": {"type": "AWSAccount", "principalId": "AROAREADER:me", "accountId": account},
        "requestParameters": {
            "tableArn": f"arn:aws:glue:eu-west-1:{US}:table/insights/{table}",
            "auditContext": {"additionalAuditContext": f"{{queryId: {query}}}"},
        },
        "additionalEventData": {
            "requesterService": "ATHENA",
            "lakeFormationRoleSessionName": f"AWSLF-00-AT-{account}-{query}{table}",
            **named,
        },
        **more,
    }


def sent(query: str, mib: float, table: str = "churn", account: str = ACME, number: int = 1) -> dict[str, Any]:
    """`GetObject` by the session that was lent for a query and table."""
    session = f"AWSLF-00-AT-{account}-{query}{table}"
    return {
        "eventID": f"file-{query}-{table}-{number}",
        "eventTime": "2026-11-20T10:00:01Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{US}:assumed-role/lakeformation/{session}"},
        "additionalEventData": {"bytesTransferredOut": int(mib * MIB)},
    }


def reads(*records: dict[str, Any], days: tuple[date, date] = (DAY, DAY)) -> list[Read]:
    return reads_of(records, US, "insights", days)


def usage(*records: dict[str, Any], **queries: str) -> list[Usage]:
    here = Setting(
        project=PROJECT,
        account_id=US,
        client_role=DEPLOYMENT.client_role_arn(""),
        types=TYPES,
        database="insights",
        today=TODAY,
        queries=queries,
    )
    return usage_of(reads(*records), here)


def test_the_bytes_of_a_read_are_those_of_its_own_sessions_files() -> None:
    found = reads(access("q1"), sent("q1", 3, number=1), sent("q1", 4, number=2), sent("q2", 100))

    assert [(read.scanned_bytes, read.files) for read in found] == [(7 * MIB, 2)]


def test_a_record_that_was_delivered_twice_counts_once() -> None:
    found = reads(access("q1"), access("q1"), sent("q1", 3), sent("q1", 3))

    assert [(read.query, read.scanned_bytes) for read in found] == [("q1", 3 * MIB)]


def test_a_query_of_the_last_second_has_the_files_that_it_read_after_midnight_and_the_next_day_has_none() -> None:
    records = [
        {**access("q1"), "eventTime": "2026-11-20T23:59:59Z"},
        {**sent("q1", 1, number=1), "eventTime": "2026-11-20T23:59:59Z"},
        {**sent("q1", 3, number=2), "eventTime": "2026-11-21T00:00:04Z"},
    ]

    of_the_day, of_the_next = reads(*records), reads(*records, days=(TODAY, TODAY))

    assert [(read.query, read.scanned_bytes) for read in of_the_day] == [("q1", 4 * MIB)]
    assert of_the_next == []


def test_the_bytes_of_a_session_that_two_reads_share_are_those_of_the_first() -> None:
    lent = {"lakeFormationRoleSessionName": f"AWSLF-00-AT-{ACME}-q1churn"}
    later = access("q2", eventTime="2026-11-20T11:00:00Z", additionalEventData=lent)

    assert [(read.query, read.scanned_bytes) for read in reads(later, access("q1"), sent("q1", 3))] == [
        ("q1", 3 * MIB),
        ("q2", 0),
    ]


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:glue:eu-west-1:{ACME}:table/insights/churn",
        f"arn:aws:glue:eu-west-1:{US}:table/sources/telco_customers",
        "",
    ],
)
def test_a_read_of_no_table_of_ours_is_no_read(arn: str) -> None:
    assert reads(access("q1", requestParameters={"tableArn": arn})) == []


def test_a_refused_access_is_no_read() -> None:
    assert reads(access("q1", errorCode="AccessDenied")) == []


def test_a_reader_of_another_account_is_known_by_the_id_of_its_principal_or_by_the_name_that_it_tells() -> None:
    named = access("q2", principal=f"arn:aws:iam::{ACME}:role/analyst", eventTime="2026-11-20T11:00:00Z")

    assert [read.principal for read in reads(access("q1"), named)] == [
        "AROAREADER",
        f"arn:aws:iam::{ACME}:role/analyst",
    ]


def test_without_a_query_id_a_session_stands_for_a_query() -> None:
    arn = {"tableArn": f"arn:aws:glue:eu-west-1:{US}:table/insights/churn"}

    assert [read.query for read in reads(access("q1", requestParameters=arn))] == [f"AWSLF-00-AT-{ACME}-q1churn"]


def test_queries_are_counted_per_reader_and_table() -> None:
    found = usage(access("q1"), access("q2"), access("q2", "interests"))

    assert [(line.client, line.table, line.queries) for line in found] == [
        ("acme", "churn", 2),
        ("acme", "interests", 1),
    ]


def test_a_query_that_reads_a_table_twice_is_one_query() -> None:
    again = access("q1", eventID="again", additionalEventData={"lakeFormationRoleSessionName": "AWSLF-00-AT-again"})

    assert [line.queries for line in usage(access("q1"), again)] == [1]


def test_who_reads_is_the_client_by_its_account_or_its_role_here_or_ourselves_or_a_stranger() -> None:
    ours = [
        access("q1", account=US, principal=GLOBEX_ROLE),
        access("q2", account=US, principal="arn:aws:iam::1:role/x"),
    ]

    found = usage(access("q3"), *ours, access("q4", account=STRANGER))

    assert [line.client for line in found] == [OURSELVES, f"account {STRANGER}", "acme", "globex"]


def test_a_client_that_left_or_moved_to_an_account_of_its_own_is_known_by_the_role_that_it_had_here() -> None:
    roles = [DEPLOYMENT.client_role_arn(name) for name in ("gone", "acme")]

    found = usage(*(access(role, account=US, principal=role) for role in roles))

    assert [(line.client, line.paid_by) for line in found] == [("acme", "us"), ("gone", "us")]


def test_columns_of_a_client_that_reads_from_our_account_are_those_that_its_queries_name() -> None:
    records = [access(query, "product_area_impact_latest", US, GLOBEX_ROLE) for query in ("q1", "q2")]
    sql = "SELECT product_area, priority_score FROM product_area_impact_latest WHERE negative_share > 0.5"

    (line,) = usage(
        *records, q1=sql, q2="UNLOAD (SELECT as_of FROM product_area_impact_latest) TO 's3://x/' WITH (a=1)"
    )

    assert line.columns == ("product_area", "priority_score", "negative_share", "as_of")
    assert line.evidence == "trail, queries"


def test_columns_of_a_client_with_an_account_of_its_own_are_not_ours_to_see() -> None:
    (line,) = usage(access("q1"), q2="SELECT customer_id FROM churn")

    assert (line.columns, line.may_read, line.evidence) == (None, 5, "trail")


def test_every_column_is_every_column_that_the_client_may_read() -> None:
    (line,) = usage(access("q1", account=US, principal=GLOBEX_ROLE), q1="SELECT * FROM churn")

    assert line.columns == ("customer_id", "health_score", "contract", "tenure_months", "as_of")
    assert line.may_read == len(line.columns)


def test_every_column_is_every_column_of_the_table_to_ourselves() -> None:
    (line,) = usage(access("q1", account=US), q1="SELECT * FROM churn")

    assert line.columns == tuple(TYPES["churn"])


@pytest.mark.parametrize("text", ["EXECUTE p1", "SELECT customer_id FROM churn JOIN elsewhere.orders ON true"])
def test_columns_are_unknown_where_no_text_can_be_read(text: str) -> None:
    (line,) = usage(access("q1", account=US), q1=text)

    assert (line.columns, line.evidence) == (None, "trail")


def test_a_text_that_cannot_be_read_hides_no_column_of_one_that_can() -> None:
    (line,) = usage(access("q1", account=US), access("q2", account=US), q1="EXECUTE p1", q2="SELECT as_of FROM churn")

    assert (line.columns, line.evidence) == (("as_of",), "trail, queries")


def test_a_query_that_counts_rows_names_no_column() -> None:
    (line,) = usage(access("q1", account=US), q1="SELECT count(*) AS n FROM churn")

    assert (line.columns, line.evidence) == ((), "trail, queries")


def test_a_query_is_charged_for_whole_megabytes_and_at_least_ten() -> None:
    assert [charged_bytes(size) // MIB for size in (0, MIB, 10 * MIB, 10 * MIB + 1)] == [10, 10, 10, 11]


def test_the_charge_of_a_query_is_shared_among_its_tables_by_their_bytes() -> None:
    found = usage(access("q1"), access("q1", "interests"), sent("q1", 30), sent("q1", 10, "interests"))

    whole = 40 * MIB / 1024**4 * ATHENA_DOLLARS_PER_TIB
    assert [line.dollars for line in found] == pytest.approx([whole * 0.75, whole * 0.25])


def test_a_query_that_read_nothing_is_charged_the_least_all_the_same() -> None:
    found = usage(access("q1"), access("q1", "interests"))

    assert sum(line.dollars for line in found) == pytest.approx(10 * MIB / 1024**4 * ATHENA_DOLLARS_PER_TIB)


def test_whoever_asks_pays() -> None:
    found = usage(access("q1"), access("q2", account=US, principal=GLOBEX_ROLE))

    assert {line.client: line.paid_by for line in found} == {"acme": "client", "globex": "us"}


def test_the_last_use_is_the_latest_one() -> None:
    found = usage(access("q1"), access("q2", eventTime="2026-11-20T23:59:59Z"), access("q3"))

    assert [line.last_use_utc for line in found] == [datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)]


def test_a_period_of_one_day_begins_today() -> None:
    assert since(date(2026, 11, 21), 1) == datetime(2026, 11, 21, tzinfo=UTC)
