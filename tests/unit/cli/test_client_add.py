"""A new client is one command: a file that lint accepts, or every mistake and no file."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insightshare.cli import main
from insightshare.contract.read import load_project

ROOT = Path(__file__).resolve().parents[3]
SAID = {
    "--account": "444444444444",
    "--purpose": "Retention campaigns: by post.",
    "--contact": "data@initech.example",
    "--start": "2026-12-01",
    "--end": "2099-11-30",
    "--insight": "spend:customer_id,total:total > 100 AND customer_id LIKE 'C:%'",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    return tmp_path / "project"


def add(project: Path, *more: str, name: str = "initech", answers: str = "", **said: str) -> Result:
    words = [word for option, value in {**SAID, **said}.items() if value for word in (option, value)]
    return CliRunner().invoke(main, ["--root", str(project), "client", "add", name, *words, *more], input=answers)


def test_what_was_said_is_the_agreement(project: Path) -> None:
    result = add(project, "--insight", "urgency")

    assert (result.exit_code, result.output) == (
        0,
        "wrote clients/initech.yaml; see what it would show: insightshare preview initech\n",
    )
    agreement = load_project(project).clients["initech"]
    spend, urgency = agreement.grants
    assert (agreement.account_id, agreement.purpose) == ("444444444444", "Retention campaigns: by post.")
    assert (spend.columns, spend.rows) == (("customer_id", "total"), "total > 100 AND customer_id LIKE 'C:%'")
    assert (urgency.stated, urgency.rows) == ("all", None)


@pytest.mark.parametrize(("said", "stated"), [({}, "outside"), ({"--organisation": "inside"}, "inside")])
def test_an_account_is_outside_the_organisation_unless_it_was_said_to_be_inside(
    project: Path, said: dict[str, str], stated: str
) -> None:
    add(project, **said)

    assert load_project(project).clients["initech"].organisation == stated


def test_what_inferred_columns_are_for_is_said_beside_the_grant(project: Path) -> None:
    dated = {"--insight": "risk", "--end": "2027-11-30"}

    unsaid = add(project, **dated)
    said = add(project, "--for", "risk=planning, returns", **dated)

    assert (unsaid.exit_code, said.exit_code) == (1, 0)
    assert unsaid.stderr.startswith("clients/initech.yaml: insights.risk.purposes: nothing is not what the inferred")
    assert load_project(project).clients["initech"].grants[0].purposes == ("planning", "returns")


@pytest.mark.parametrize("word", ["sums", "all", "all_and_later"])
def test_a_word_for_columns_is_written_as_a_word(project: Path, word: str) -> None:
    contract = project / "insights/spend/contract.odcs.yaml"
    sets = "customProperties: [{property: columnSets, value: {sums: [customer_id, total]}}]"
    contract.write_text(contract.read_text().replace("    properties:", f"    {sets}\n    properties:", 1))

    result = add(project, **{"--insight": f"spend:{word}:total > 100"})

    assert result.exit_code == 0, result.output
    [grant] = load_project(project).clients["initech"].grants
    assert (grant.stated, grant.rows) == (word, "total > 100")


def test_another_clients_account_is_refused_whichever_file_comes_first(project: Path) -> None:
    result = add(project, name="aardvark", **{"--account": "222222222222"})

    assert result.exit_code == 1
    assert "clients/acme.yaml: account_id: the account of clients/aardvark.yaml" in result.stderr
    assert not (project / "clients/aardvark.yaml").exists()


def test_what_was_wrong_before_is_not_said_of_a_new_agreement(project: Path) -> None:
    over = (project / "clients/acme.yaml").read_text().replace("2027-12-31", "2026-02-01")
    (project / "clients/acme.yaml").write_text(over)

    result = add(project)

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (("--insight", "spend:orders"), "client add: --insight: spend twice is not each insight once."),
        (("--for", "spend=a", "--for", "spend=b"), "client add: --for: spend twice is not each insight once."),
        (("--for", "risk=planning"), "client add: --for: risk is not an insight that is granted (spend)."),
    ],
)
def test_what_would_be_lost_is_refused(project: Path, more: tuple[str, ...], line: str) -> None:
    result = add(project, *more)

    assert (result.exit_code, (project / "clients/initech.yaml").exists()) == (1, False)
    assert line in result.stderr


def test_codes_and_dates_are_in_quotes(project: Path) -> None:
    add(project, **{"--account": "012345670001"})

    text = (project / "clients/initech.yaml").read_text()
    assert 'account_id: "012345670001"' in text
    assert 'end: "2099-11-30"' in text
    assert text.startswith("# yaml-language-server: $schema=../schemas/client.schema.json\n")


def test_a_role_in_ours_names_who_assumes_it(project: Path) -> None:
    role = "arn:aws:iam::444444444444:role/analyst"

    result = add(project, "--assumed-by", role, "--scan-limit-mib", "100", **{"--reads-from": "provider_account"})

    agreement = load_project(project).clients["initech"]
    assert result.exit_code == 0
    assert (agreement.assumed_by, agreement.scan_limit_mib) == ((role,), 100)


def test_what_was_not_said_is_asked_for(project: Path) -> None:
    result = add(project, answers="444444444444\n", **{"--account": ""})

    assert result.exit_code == 0
    assert "The client's AWS account id: 444444444444" in result.output


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            {"--account": "44444444444"},
            'clients/initech.yaml: account_id: "44444444444" is not an AWS account id of 12 digits, in quotes.',
        ),
        ({"--account": "222222222222"}, "clients/initech.yaml: account_id: the account of clients/acme.yaml"),
        ({"--insight": "spent"}, "clients/initech.yaml: insights.spent: "),
        ({"--insight": "spend:totals"}, "clients/initech.yaml: insights.spend.columns: "),
        ({"--insight": "spend::upper(customer_id) = 'C'"}, "clients/initech.yaml: insights.spend.rows: "),
        ({"--insight": ":"}, "client add: --insight: ':' is not INSIGHT[:COLUMN,COLUMN[:ROWS]]."),
        ({"--for": "risk"}, "client add: --for: 'risk' is not INSIGHT=PURPOSE."),
        ({"--insight": ""}, "client add: --insight: nothing is not at least one insight."),
        ({"--end": "tomorrow"}, 'clients/initech.yaml: end: "tomorrow" is not the last day'),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(project: Path, said: dict[str, str], line: str) -> None:
    result = add(project, **said)

    assert result.exit_code == 1
    assert line in result.stderr
    assert not (project / "clients/initech.yaml").exists()


def test_an_agreement_that_exists_is_kept(project: Path) -> None:
    before = (project / "clients/acme.yaml").read_bytes()

    result = add(project, name="acme")

    assert result.exit_code == 1
    assert result.stderr.startswith("clients/acme.yaml: file: a file that exists is not a new one.")
    assert (project / "clients/acme.yaml").read_bytes() == before


def test_a_name_is_not_a_path(project: Path) -> None:
    assert "lower-case letters, digits and hyphens" in add(project, name="../acme").stderr


def test_a_name_is_held_to_the_rules_before_anything_is_asked(project: Path) -> None:
    result = CliRunner().invoke(main, ["--root", str(project), "client", "add", "acme"])

    assert result.output.startswith("clients/acme.yaml: file: a file that exists is not a new one.")


def test_who_may_assume_the_role_in_our_account_must_be_said(project: Path) -> None:
    result = add(project, "--reads-from", "provider_account")

    assert result.exit_code == 1
    assert result.stderr.startswith("client add: --assumed-by: nothing is not who may assume the role in our account.")
