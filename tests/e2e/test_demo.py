"""The whole path, once, in a checkout of its own: the demo, what a person does after it, and the end of it all."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from insightshare.aws.athena import Place
from insightshare.aws.reader import Reader
from insightshare.client import Store, connect
from insightshare.contract.read import load_project
from insightshare.errors import AccessRefused, NotFound
from tests.behaviour.parts import until
from tests.e2e import denials, operations, rights
from tests.e2e.checkout import ACME, PROVIDER, REGION, Checkout, left_over, told_demo
from tests.e2e.operations import Workshop
from tests.e2e.shares import Absence, Kit, be_away
from tests.e2e.unused_rights import EXEMPTIONS, kinds
from tests.policy.project_copy import Root

GLOBEX, INITECH, STRANGER = "333333333333", "444444444444", "555555555555"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The demo, told once."""
    with told_demo(tmp_path_factory.mktemp("demo") / "checkout") as checkout:
        yield checkout


@pytest.fixture(scope="module")
def acme(checkout: Checkout) -> Store:
    """The Python client, as acme's analyst in acme's own account."""
    return connect(session=checkout.session(ACME, f"arn:aws:iam::{ACME}:role/insightshare-analyst"))


def test_the_demo_says_what_was_published_where_the_time_went_and_what_to_type_next(checkout: Checkout) -> None:
    for part in ("what was published", "where the time went", "insightshare query --as acme", "rejected"):
        assert part in checkout.story


@pytest.fixture(scope="module")
def kits(checkout: Checkout) -> dict[str, Kit]:
    """The kits of the clients that read from accounts of their own, one inside our organisation and one outside."""
    return {name: Kit(checkout, name, account) for name, account in (("acme", ACME), ("initech", INITECH))}


def test_a_client_outside_the_organisation_was_invited_and_accepted_with_its_kit(kits: dict[str, Kit]) -> None:
    ram = kits["initech"].checkout.session(INITECH).client("ram")

    invitations = ram.get_resource_share_invitations()["resourceShareInvitations"]

    assert [(one["status"], one["senderAccountId"]) for one in invitations] == [("ACCEPTED", PROVIDER)] * 2
    assert kits["initech"].ask("SELECT DISTINCT contract FROM churn ORDER BY 1") == [("One year",), ("Two year",)]


def test_every_query_of_a_kit_is_answered_as_it_is(kits: dict[str, Kit]) -> None:
    answers = {name: [kit.ask(sql) for sql in kit.queries] for name, kit in kits.items()}

    assert {name: len(found[-1]) for name, found in answers.items()} == {"acme": 7, "initech": 6}
    assert all(rows for found in answers.values() for rows in found)


@pytest.mark.parametrize("client", ["acme", "initech", "globex"])
def test_the_doctor_is_silent_about_a_healthy_share(checkout: Checkout, kits: dict[str, Kit], client: str) -> None:
    ours = checkout.run("insightshare", "doctor", client, check=False)
    theirs = [kits[client].examine()] if client in kits else []

    assert [(done.returncode, done.stdout) for done in (ours, *theirs)] == [(0, "")] * (1 + len(theirs))


def test_a_client_lists_the_insights_of_its_agreement(acme: Store) -> None:
    assert [insight.name for insight in acme.insights()] == ["churn", "interests"]


def test_a_client_reads_what_an_insight_means_and_only_its_own_columns(acme: Store) -> None:
    description = acme["churn"].describe()

    granted = ["customer_id", "churn_probability", "risk_category", "contract", "as_of"]
    assert description.meaning.startswith("One row per customer.")
    assert [column.name for column in description.columns] == granted
    assert all(column.meaning for column in description.columns)


def test_a_client_fetches_its_rows_as_a_data_frame(acme: Store) -> None:
    frame = acme["churn"].to_pandas(columns=["customer_id", "churn_probability", "contract"])

    assert set(frame["contract"]) == {"Month-to-month"}
    assert frame["churn_probability"].between(0, 1).all()
    assert frame["customer_id"].is_unique


def test_a_client_fetches_an_earlier_date(acme: Store, checkout: Checkout) -> None:
    runs = json.loads(checkout.run("insightshare", "runs", "churn", "--json").stdout)
    first = min(run["as_of"] for run in runs if run["state"] == "current")

    table = acme["churn"].to_arrow(["customer_id", "as_of"], as_of=first)

    assert set(table["as_of"].to_pylist()) == {first}


def test_a_date_without_a_run_is_an_empty_table_with_its_types(acme: Store) -> None:
    table = acme["churn"].to_arrow(["customer_id", "churn_probability"], as_of="1999-12-31")

    assert (table.num_rows, [str(kind) for kind in table.schema.types]) == (0, ["string", "double"])


def test_a_client_pins_a_run(acme: Store) -> None:
    receipts = acme["churn"].receipts().to_pylist()
    passed = next(receipt for receipt in receipts if receipt["passed"])

    pinned = acme["churn"].to_arrow(["customer_id"], run_id=passed["run_id"])

    assert 0 < pinned.num_rows < passed["row_count"]


def test_a_receipt_shows_a_rejected_run_with_the_check_that_failed(acme: Store) -> None:
    rejected = next(receipt for receipt in acme["churn"].receipts().to_pylist() if not receipt["passed"])

    failed = [check["id"] for check in rejected["checks"] if not check["passed"]]
    assert failed[0] == "enough_rows"
    assert {"drift_row_count_block", "drift_went_block"} < set(failed)


def test_a_receipt_says_how_far_a_run_is_from_the_one_before(acme: Store) -> None:
    receipts = sorted(acme["churn"].receipts().to_pylist(), key=lambda receipt: str(receipt["as_of"]))
    first, second = [receipt for receipt in receipts if receipt["passed"]]

    measures = {(m["measure"], m["column_name"]): m["value"] for m in second["drift"]["measures"]}
    assert first["drift"] is None
    assert (second["drift"]["since_run_id"], second["drift"]["stayed"]) == (first["run_id"], first["row_count"])
    assert measures["psi", "churn_probability"] > 0 == measures["row_count", None]


def test_an_operator_sees_who_moved_and_a_client_compares_its_own_rows(checkout: Checkout) -> None:
    whole = json.loads(checkout.run("insightshare", "diff", "churn", "--json").stdout)
    own = json.loads(checkout.run("insightshare", "diff", "churn", "--as", "acme", "--rows", "2", "--json").stdout)

    assert sum(move["entities"] for move in whole["moves"] if move["column"] == "risk_category") == whole["stayed"]
    assert 0 < own["stayed"] < whole["stayed"]
    assert all(set(row["changes"]) <= {"churn_probability", "risk_category"} for row in own["changed_rows"])


def test_a_client_sees_the_profile_of_its_own_rows(checkout: Checkout) -> None:
    current = [
        run["run"]
        for run in json.loads(checkout.run("insightshare", "runs", "churn", "--json").stdout)
        if run["state"] == "current"
    ]
    words = ["receipt", "churn", "--run", current[0], "--as", "acme", "--json"]

    seen = json.loads(checkout.run("insightshare", *words).stdout)

    assert list(seen["profile"]) == ["customer_id", "churn_probability", "risk_category", "contract"]
    assert [item["value"] for item in seen["profile"]["contract"]["top"]] == ["Month-to-month"]
    assert "max" not in seen["profile"]["churn_probability"]


def test_a_client_does_not_read_the_receipts_of_others(acme: Store, checkout: Checkout) -> None:
    session = checkout.session(ACME, f"arn:aws:iam::{ACME}:role/insightshare-analyst")
    rows = (
        Reader(session, Place("insightshare-acme", "insights"))
        .rows("SELECT DISTINCT insight FROM insight_receipts")
        .rows
    )

    assert sorted(rows) == [("churn",), ("interests",)]


def test_an_insight_outside_the_agreement_is_not_there(acme: Store) -> None:
    with pytest.raises(NotFound, match=r"store: insight: 'product_area_impact' is not one that you may read"):
        acme["product_area_impact"]


def test_a_column_outside_the_agreement_cannot_be_fetched(acme: Store) -> None:
    with pytest.raises(AccessRefused, match="Column 'health_score' cannot be resolved or requester is not authorized"):
        acme["churn"].to_arrow(["health_score"])


def test_a_bad_day_is_taken_back_and_put_back_in_one_command_each(checkout: Checkout) -> None:
    published = checkout.latest("churn")
    newest = json.loads(checkout.run("insightshare", "receipt", "churn", "--json").stdout)["as_of"]
    current = max(
        run["as_of"]
        for run in json.loads(checkout.run("insightshare", "runs", "churn", "--json").stdout)
        if run["state"] == "current"
    )

    checkout.run("insightshare", "withdraw", "churn", "--as-of", current)
    withdrawn = checkout.latest("churn")
    checkout.run("insightshare", "rollback", "churn")

    assert newest > current  # the newest run is the rejected one, and nobody ever saw it
    assert withdrawn != published
    assert checkout.latest("churn") == published


def rows_of(checkout: Checkout, table: str, customer: str) -> int:
    sql = f"SELECT count(*) AS n FROM {table} WHERE customer_id = '{customer}'"
    return int(json.loads(checkout.run("insightshare", "query", sql, "--json").stdout)[0]["n"])


def test_a_person_is_erased_from_every_date_in_one_command(checkout: Checkout) -> None:
    sql = "SELECT max(customer_id) AS customer FROM churn_latest"
    customer = json.loads(checkout.run("insightshare", "query", sql, "--json").stdout)[0]["customer"]
    before = rows_of(checkout, "churn", customer)
    erase = ("insightshare", "erase", "customer_id", "--reference", "request 17", "--json")

    [thought] = json.loads(checkout.run(*erase, "--dry-run", typed=customer).stdout)
    kept = rows_of(checkout, "churn", customer)
    [done] = json.loads(checkout.run(*erase, "--yes", typed=customer).stdout)

    rewritten = [action["what"] for action in thought["actions"] if action["kind"] == "rewrite"]
    assert (before, kept) == (len(rewritten), len(rewritten))
    assert (rows_of(checkout, "churn", customer), rows_of(checkout, "churn_latest", customer)) == (0, 0)
    assert (len(done["condemned"]) >= len(rewritten) > 0, customer in str(done)) == (True, False)


def test_the_schedules_of_repair_and_vacuum_start_their_functions_when_they_fire(checkout: Checkout) -> None:
    logs = checkout.session().client("logs")

    def said(function: str) -> str:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/insightshare-local-{function}")["events"]
        return "\n".join(event["message"] for event in events)

    for name in ("repair", "vacuum"):
        checkout.run("localcloud", "fire", name)

    until(lambda: "churn: 0 to repair, 0 to look at" in said("repair"), 60)
    until(lambda: '"vacuumed": {"churn": {"insight": "churn", "actions": []' in said("vacuum"), 60)


def test_nothing_is_left_to_repair(checkout: Checkout) -> None:
    plans = checkout.run("insightshare", "repair", "--dry-run").stdout

    assert plans.count("0 to repair, 0 to look at") == 4


def test_a_plan_after_publishing_is_empty(checkout: Checkout) -> None:
    planned = checkout.run("scripts.deploy", "local", "--plan").stdout

    assert planned.count("No changes.") == 4  # the account, ours, and the kits of two clients


def test_a_deployment_that_changes_nothing_applies_nothing_and_does_not_move_latest(checkout: Checkout) -> None:
    before = {insight: checkout.latest(insight) for insight in ("churn", "interests", "product_area_impact")}

    said = checkout.run("scripts.deploy", "local").stdout

    assert "look for changes" in said
    assert "main root" not in said
    assert {insight: checkout.latest(insight) for insight in before} == before


@pytest.fixture(scope="module")
def absence(checkout: Checkout, kits: dict[str, Kit]) -> Absence:
    """Acme's agreement was over and initech's was gone, for one deployment."""
    return be_away(checkout, ended=kits["acme"], removed=kits["initech"])


def test_an_apply_after_publishing_leaves_latest_where_it_is(absence: Absence) -> None:
    before, after = absence.latest

    assert "main root" in absence.said
    assert after["Parameters"] == {**before["Parameters"], "title": "Churn of customers"}
    assert after["StorageDescriptor"]["Location"] == before["StorageDescriptor"]["Location"]


def test_a_client_whose_agreement_was_removed_reads_nothing(absence: Absence) -> None:
    assert "Insufficient Lake Formation permission" in absence.removed


def test_a_client_whose_agreement_is_over_reads_nothing(absence: Absence) -> None:
    assert "Insufficient Lake Formation permission" in absence.ended


def test_who_comes_back_reads_again(absence: Absence) -> None:
    assert absence.again == {"acme": "", "initech": ""}


def test_a_column_that_clients_read_does_not_change_its_type_under_them(checkout: Checkout) -> None:
    column, query = "insights/churn/contract.odcs.yaml", "insights/churn/score.sql"
    undo = [
        checkout.edit(
            column,
            "logicalType: number\n        physicalType: double",
            "logicalType: number\n        physicalType: float",
        ),
        checkout.edit(query, "predictions.prediction AS churn", "CAST(predictions.prediction AS real) AS churn"),
    ]

    refused = checkout.run("scripts.deploy", "local", check=False)

    for put_back in undo:
        put_back()
    assert refused.returncode == 1
    assert "column churn_probability: double becomes float while acme may read it" in refused.stderr


def test_what_was_damaged_is_mended_by_the_schedule_of_repair(checkout: Checkout) -> None:
    shop = Workshop(checkout)
    refused = operations.refuse_a_manifest(shop)
    operations.damage(shop)

    said = shop.fire("repair")

    assert "churn: 7 to repair, 1 to look at" in said
    until(lambda: "churn: 0 to repair, 1 to look at" in shop.fire("repair"), 60)
    shop.client("s3").delete_object(Bucket=operations.LAKE, Key=refused)


def test_runs_that_nobody_needs_go_by_the_schedule_of_vacuum(checkout: Checkout) -> None:
    shop = Workshop(checkout)
    old = operations.age(shop, "superseded", "rejected")

    shop.fire("vacuum")
    operations.show_again(shop, old[0])
    hidden = shop.fire("repair")
    operations.age(shop, "deleting")
    shop.fire("vacuum")

    assert f"hide run {old[0]}: is shown, but its deletion has begun" in hidden
    assert len(old) > 1
    assert {run: state for run, state in shop.states().items() if run in old} == dict.fromkeys(old, "deleted")


def test_a_withdrawn_date_stays_withdrawn_when_its_manifest_comes_again(checkout: Checkout) -> None:
    shop = Workshop(checkout)
    date = max(shop.partitions("churn"))
    run = shop.partitions("churn")[date]["Parameters"]["run_id"]

    checkout.run("insightshare", "withdraw", "churn", "--as-of", date)
    operations.send_again(shop, run)
    shown = date in shop.partitions("churn")
    checkout.run("insightshare", "rollback", "churn")

    assert (shown, date in shop.partitions("churn")) == (False, True)


def test_who_read_what_is_told_and_published_for_ourselves(checkout: Checkout) -> None:
    told = json.loads(checkout.run("insightshare", "usage", "--json").stdout)
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))

    for task, name in (("deliver", "share_reads"), ("land", "share_reads"), ("score", "share_usage")):
        checkout.run("insightshare", "job", task, name, "--as-of", tomorrow)
    sql = "SELECT client, sum(queries) AS queries FROM share_usage GROUP BY 1"
    rows = until(lambda: json.loads(checkout.run("insightshare", "query", sql, "--json").stdout), 60)

    readers = {"acme", "globex", "initech"}
    assert readers <= {line["client"] for line in told}
    assert readers <= {row["client"] for row in rows}
    assert readers & {line["client"] for line in told if line["columns"]} == {"globex"}  # its queries are ours to see


def test_schedules_start_their_jobs(checkout: Checkout) -> None:
    shop = Workshop(checkout)

    for schedule in ("train-churn", "score-churn"):
        operations.start_and_stop(shop, schedule)

    assert operations.start_and_wait(shop, "land-telco-customers") == "SUCCEEDED"
    assert operations.start_and_wait(shop, "deliver-reads") == "SUCCEEDED"


def test_an_agreement_is_given_notice_and_ended_by_its_schedule(checkout: Checkout) -> None:
    shop = Workshop(checkout)

    noticed = shop.fire("expire", "2027-10-24T00:05:00Z")
    ended = shop.fire("expire", "2027-11-01T00:05:00Z")

    assert '"notice": "insightshare: globex reads until 2027-10-31 (in 7 days)"' in noticed
    assert '"globex": {"ended": ["revoke SELECT' in ended


def test_readers_find_their_way_with_the_calls_of_athenas_console_and_drivers(checkout: Checkout) -> None:
    analyst = f"arn:aws:iam::{PROVIDER}:role/insightshare-local-provider-analyst"
    acme = f"arn:aws:iam::{ACME}:role/insightshare-analyst"

    operations.browse(checkout.session(PROVIDER, analyst), "insightshare-local-provider")
    operations.browse(checkout.session(ACME, acme), "insightshare-acme")


def test_roles_may_do_exactly_what_they_were_seen_to_do(checkout: Checkout) -> None:
    policies: dict[str, tuple[Mapping[str, Any], ...]] = {}
    keys: dict[str, str] = {}
    for account in (PROVIDER, ACME, INITECH):
        session: Any = checkout.session(account)
        policies |= rights.deployed_policies(session.client("iam"))
        keys |= rights.named_keys(session.client("kms"))
    uses = rights.recorded_uses((checkout.folder / ".local/calls.jsonl").read_text().splitlines(), policies)
    project = load_project(checkout.folder)

    differences = rights.compare(policies, uses, kinds(project.insights, project.sources, keys), EXEMPTIONS)

    assert len(policies) > 10
    assert differences == ""


@pytest.mark.parametrize(
    ("account", "role"),
    [
        (GLOBEX, f"arn:aws:iam::{PROVIDER}:role/insightshare-local-client-globex"),
        (ACME, f"arn:aws:iam::{ACME}:role/insightshare-analyst"),
        (ACME, None),
        (STRANGER, None),
    ],
)
def test_nobody_outside_reaches_lake_registry_queue_functions_or_anothers_results(
    checkout: Checkout, account: str, role: str | None
) -> None:
    owner: Any = checkout.session()
    found = {
        bucket: owner.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"][0]["Key"]
        for bucket, prefix in ((denials.LAKE, "insights/churn/"), (denials.RESULTS, "insightshare-local-provider/"))
    }
    tries = denials.attempts(checkout.endpoint, found[denials.LAKE], (denials.RESULTS, found[denials.RESULTS]))
    outsider: Any = checkout.session(account, role)

    let_through = list(denials.not_refused(outsider.client, tries))
    owners = list(denials.not_refused(owner.client, {name: tries[name] for name in denials.HARMLESS}))

    assert let_through == []
    assert owners == [f"{name}: done" for name in denials.HARMLESS]  # else the attempts would prove nothing


def test_the_account_root_cannot_be_destroyed(checkout: Checkout) -> None:
    settings = {
        "AWS_ENDPOINT_URL": checkout.endpoint,
        "AWS_ACCESS_KEY_ID": PROVIDER,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_REGION": REGION,
        "TF_DATA_DIR": str(checkout.folder / ".local/terraform/local/account"),
    }
    account = Root(checkout.folder / "infra/account", {**os.environ, **settings})

    said = account.run("plan", "-destroy", "-input=false", "-var-file=local.tfvars", expect=(1,))

    assert "Instance cannot be destroyed" in said


def test_destroy_asks_before_it_does_anything(checkout: Checkout) -> None:
    refused = checkout.run("scripts.deploy", "local", "--destroy", check=False)

    assert refused.returncode == 1
    assert "destroy: answer: nothing is not local. Fix: type the environment's name, or leave it." in refused.stderr
    assert checkout.latest("churn")


def test_destroy_leaves_nothing_of_the_main_root_nor_of_a_clients_half(checkout: Checkout) -> None:
    checkout.run("scripts.deploy", "local", "--destroy", "--yes")

    assert left_over(checkout, PROVIDER) == {"buckets": [f"insightshare-state-{PROVIDER}"], "databases": ["default"]}
    left = {account: left_over(checkout, account) for account in (ACME, INITECH)}
    # `default` stays for others of the account, with the rights of everybody there and of the function that made it.
    grants = [grant.rpartition("-")[0] for account in left for grant in left[account].pop("grants")]
    assert {grant.rpartition("-")[2] for grant in grants} <= {"", "OnboardingRole"}
    assert left[ACME] == {"buckets": [f"insightshare-state-{ACME}"], "databases": ["default"]}
    assert left[INITECH] == {"databases": ["default"]}
