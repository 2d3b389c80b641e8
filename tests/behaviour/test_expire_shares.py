"""The daily end of shares, through real calls: what it takes away, what it leaves, and whom it tells how often."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

import boto3
import pytest

from insightshare.aws.expiry import DeployedShares, Settings
from insightshare.aws.notices import Notices
from insightshare.errors import PlatformError
from insightshare.share.expiry import Share, due_notice
from lambdas.expire_shares.handler import SETTINGS, handle, settings_from_environment
from tests.behaviour.lake import Lake, client, make_lake
from tests.behaviour.parts import make_bucket, unique
from tests.conftest import PROVIDER, Cloud

CLIENT, OTHER = "222222222222", "333333333333"
LAST_DAY = {"time": "2027-10-31T00:05:00Z"}
DAY_AFTER = {"time": "2027-11-01T00:05:00Z"}


@dataclass(frozen=True)
class Scene:
    """A lake shared with two clients of which one ends, and a queue that hears every notice."""

    cloud: Cloud
    lake: Lake
    settings: Settings
    queue_url: str

    def fire(self, event: dict[str, Any], settings: Settings | None = None, who: Any = None) -> dict[str, Any]:
        session = cast(boto3.Session, who or _Administrator(self.cloud))
        return handle(event, DeployedShares(session, settings or self.settings))

    def shares(self) -> list[dict[str, Any]]:
        reply = self.lake.client("s3").get_object(Bucket=self.settings.bucket, Key=self.settings.key)
        shares: list[dict[str, Any]] = json.loads(reply["Body"].read())["shares"]
        return shares

    def write(self, shares: list[dict[str, Any]]) -> None:
        """What the deployment writes down."""
        document = {"account_id": PROVIDER, "database": self.lake.database, "shares": shares}
        place = {"Bucket": self.settings.bucket, "Key": self.settings.key}
        self.lake.client("s3").put_object(**place, Body=json.dumps(document).encode())

    def grants(self, account: str) -> list[str]:
        """What the account is granted, by kind of resource."""
        listed = self.lake.client("lakeformation").list_permissions()["PrincipalResourcePermissions"]
        return sorted(
            kind
            for item in listed
            for kind, names in item["Resource"].items()
            if item["Principal"]["DataLakePrincipalIdentifier"] == account
            and self.lake.database in (names.get("Name"), names.get("DatabaseName"))
        )

    def filters(self) -> list[str]:
        table = {"CatalogId": PROVIDER, "DatabaseName": self.lake.database, "Name": "churn"}
        found = self.lake.client("lakeformation").list_data_cells_filter(Table=table)["DataCellsFilters"]
        return [one["Name"] for one in found]

    def heard(self) -> list[tuple[str, str]]:
        """Subject and client of each notice since the last look."""
        sqs = self.lake.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        bodies = [json.loads(message["Body"]) for message in found]
        return sorted((body["Subject"], body["MessageAttributes"]["client"]["Value"]) for body in bodies)


@dataclass(frozen=True)
class _Administrator:
    """A session whose clients are made once: making one is slow."""

    cloud: Cloud

    def client(self, service: str) -> Any:
        return client(self.cloud, service, PROVIDER)


@dataclass(frozen=True)
class _Role:
    """A session whose calls of Lake Formation are the role's, and all others the administrator's."""

    lake: Lake

    def client(self, service: str) -> Any:
        return self.lake.as_role(service) if service == "lakeformation" else self.lake.client(service)


@pytest.fixture
def scene(cloud: Cloud) -> Scene:
    lake = make_lake(cloud)
    bucket, registry, name = make_bucket(cloud), unique("registry"), unique("notices")
    _make_registry(lake, registry)
    topic, queue = lake.client("sns").create_topic(Name=name)["TopicArn"], lake.client("sqs")
    url = queue.create_queue(QueueName=name)["QueueUrl"]
    lake.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-west-1:{PROVIDER}:{name}")
    shares = [_share(lake, "acme", CLIENT, "2027-10-31"), _share(lake, "globex", OTHER, "2029-12-31")]
    found = Scene(cloud, lake, Settings(bucket, "shares.json", registry, topic), url)
    found.write(shares)
    return found


def _share(lake: Lake, name: str, account: str, end: str) -> dict[str, Any]:
    lake.grant(account, {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}, "DESCRIBE", option=True)
    lake.make_filter(name)
    lake.grant(account, lake.filter(name), "SELECT", option=True)
    return {
        "client": name,
        "principal": account,
        "grant_option": True,
        "tables": ["churn"],
        "contact": f"data@{name}.example",
        "start": "2026-11-01",
        "end": end,
    }


def _make_registry(lake: Lake, name: str) -> None:
    lake.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
    )


def test_the_day_after_the_last_everything_of_that_client_is_gone_and_nothing_of_others(scene: Scene) -> None:
    scene.fire(LAST_DAY)
    on_the_last_day = scene.grants(CLIENT)

    scene.fire(DAY_AFTER)

    assert on_the_last_day == ["DataCellsFilter", "Database"]
    assert scene.grants(CLIENT) == []
    assert scene.filters() == ["acme", "globex"]  # they give nothing, and are Terraform's
    assert scene.grants(OTHER) == ["DataCellsFilter", "Database"]


def test_ending_twice_does_nothing_the_second_time(scene: Scene) -> None:
    first, second = scene.fire(DAY_AFTER), scene.fire(DAY_AFTER)

    assert (len(first["acme"]["ended"]), second["acme"]["ended"]) == (2, [])


def test_what_was_cut_short_is_finished_by_the_next(scene: Scene) -> None:
    scene.lake.revoke(CLIENT, scene.lake.filter("acme"), "SELECT")

    scene.fire(DAY_AFTER)

    assert scene.grants(CLIENT) == []


def test_a_dry_run_says_what_would_go_and_tells_nobody(scene: Scene) -> None:
    said = scene.fire({**DAY_AFTER, "dry_run": True})
    would_tell = scene.fire({**LAST_DAY, "dry_run": True})

    assert len(said["acme"]["ended"]) == 2
    assert said["acme"]["ended"][0] == "revoke SELECT on table churn through filter acme"
    assert would_tell["acme"]["notice"] == "insightshare: acme reads until 2027-10-31 (today)"
    assert scene.grants(CLIENT) == ["DataCellsFilter", "Database"]
    assert scene.heard() == []


def test_each_notice_goes_out_once_however_often_the_day_is_fired(scene: Scene) -> None:
    days = ("2027-10-01", "2027-10-01", "2027-10-02", "2027-10-24", "2027-10-24", "2027-10-30", "2027-10-31")

    for day in days:
        scene.fire({"time": f"{day}T00:05:00Z"})

    assert scene.heard() == [
        ("insightshare: acme reads until 2027-10-31 (in 30 days)", "acme"),
        ("insightshare: acme reads until 2027-10-31 (in 7 days)", "acme"),
        ("insightshare: acme reads until 2027-10-31 (tomorrow)", "acme"),
    ]


def test_of_two_that_fire_at_once_one_tells(scene: Scene) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(scene.fire, [{"time": "2027-10-24T00:05:00Z"}] * 4))

    assert len(scene.heard()) == 1


def test_a_notice_that_could_not_be_sent_is_sent_by_the_next_try(scene: Scene) -> None:
    event = {"time": "2027-10-24T00:05:00Z"}
    nowhere = replace(scene.settings, topic_arn=scene.settings.topic_arn + "-missing")

    with pytest.raises(PlatformError, match="expiry: clients: acme is not looked after"):
        scene.fire(event, nowhere)
    scene.fire(event)

    assert len(scene.heard()) == 1


def test_a_claim_that_broke_is_taken_over_the_next_day(scene: Scene) -> None:
    share = Share("acme", CLIENT, True, ("churn",), "", date(2026, 11, 1), date(2027, 10, 31))
    first, second = date(2027, 10, 24), date(2027, 10, 25)
    notices = Notices(None, "", scene.lake.client("dynamodb"), scene.settings.registry)
    notice = due_notice(share, first)

    assert notice and notices._claim(notice, first)  # and then its process was killed
    assert not notices._claim(notice, first)
    assert notices._claim(notice, second)


def test_one_failing_client_stops_no_other(scene: Scene) -> None:
    late = {"time": "2029-12-30T00:05:00Z"}  # acme is long over, and globex is told
    nowhere = replace(scene.settings, topic_arn=scene.settings.topic_arn + "-missing")
    shares = scene.shares()
    scene.write([shares[1], shares[0]])

    with pytest.raises(PlatformError, match="expiry: clients: globex is not looked after"):
        scene.fire(late, nowhere)

    assert scene.grants(CLIENT) == []


def test_who_may_not_revoke_fails_instead_of_leaving_it(scene: Scene) -> None:
    with pytest.raises(PlatformError, match="expiry: clients: acme is not looked after"):
        scene.fire(DAY_AFTER, who=_Role(scene.lake))

    assert scene.grants(CLIENT) == ["DataCellsFilter", "Database"]


def test_who_may_pass_select_and_describe_on_may_end_a_share_and_end_it_again(scene: Scene) -> None:
    _may_end(scene)

    first, second = (scene.fire(DAY_AFTER, who=_Role(scene.lake)) for _ in range(2))

    assert (len(first["acme"]["ended"]), second["acme"]["ended"], scene.grants(CLIENT)) == (2, [], [])


def _may_end(scene: Scene) -> None:
    """What the deployment grants to the function's role."""
    where = {"CatalogId": PROVIDER, "DatabaseName": scene.lake.database, "Name": "churn"}
    database = {"Database": {"CatalogId": PROVIDER, "Name": scene.lake.database}}
    scene.lake.grant(scene.lake.role, {"Table": where}, "SELECT", option=True)
    scene.lake.grant(scene.lake.role, database, "DESCRIBE", option=True)


def test_every_missing_setting_is_named() -> None:
    with pytest.raises(PlatformError) as caught:
        settings_from_environment({})

    assert all(name in str(caught.value) for name in SETTINGS.values())
