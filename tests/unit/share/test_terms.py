"""What a client is told of its share, and what is refused that says it is one."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insightshare.contract.facts import Environment, Grant
from insightshare.errors import ProjectInvalid, UsageError
from insightshare.share.terms import TableTerms, Terms, read_terms, share_terms, terms_text, write_terms
from tests.unit.share.test_grants import ACME as AGREEMENT
from tests.unit.share.test_grants import project

ENVIRONMENT = Environment("local", "111111111111", "eu-west-1")
ACME = replace(AGREEMENT, organisation="outside")
RECEIPTS = ("insight", "as_of")
TERMS = share_terms(project(ACME), ACME, ENVIRONMENT, RECEIPTS)


def test_terms_say_what_is_shared_with_one_client_and_where() -> None:
    rows = "contract = 'monthly'"

    expected = Terms(
        client="acme",
        client_account_id="222222222222",
        provider_account_id="111111111111",
        region="eu-west-1",
        organisation="outside",
        database="insights",
        tables={
            "churn": TableTerms(("customer_id", "contract", "as_of"), rows),
            "churn_latest": TableTerms(("customer_id", "contract", "as_of"), rows),
            "insight_receipts": TableTerms(RECEIPTS, "insight = 'churn'"),
        },
        start=date(2026, 1, 1),
        end=date(2027, 1, 1),
        purpose="Retention.",
        contact="data@acme.example",
        workgroup="insightshare-acme",
        results_bucket="insightshare-acme-results-222222222222",
        analyst_role="insightshare-analyst",
        link="insights",
    )
    assert expected == TERMS


def test_the_runs_table_shows_its_partition_key_last() -> None:
    agreement = replace(ACME, grants=(Grant("churn", None, None, ("runs",)),))

    terms = share_terms(project(agreement), agreement, ENVIRONMENT, RECEIPTS)

    assert terms.tables["churn_runs"].columns == ("customer_id", "score", "contract", "as_of", "run_id")


def test_terms_say_nothing_of_other_clients() -> None:
    other = replace(ACME, client="globex", account_id="333333333333", contact="data@globex.example")

    text = terms_text(share_terms(project(ACME, other), ACME, ENVIRONMENT, RECEIPTS))

    assert "globex" not in text
    assert "333333333333" not in text


def test_a_client_that_reads_from_ours_has_no_share_of_its_own() -> None:
    agreement = replace(ACME, reads_from="provider_account", organisation=None)

    with pytest.raises(UsageError) as error:
        share_terms(project(agreement), agreement, ENVIRONMENT, RECEIPTS)

    assert str(error.value) == (
        "clients/acme.yaml: reads_from: provider_account is not one that reads from its own account, and needs a kit "
        "there. Fix: give it the role in ours and its workgroup instead."
    )


def test_terms_that_were_written_are_read_back(tmp_path: Path) -> None:
    write_terms(TERMS, tmp_path / "share.yaml")

    assert read_terms(tmp_path / "share.yaml") == TERMS


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            "'222222222222'",
            "'22222222222'",
            'share.yaml: client_account_id: "22222222222" is not what a share says there (String should match pattern ',
        ),
        ("region: eu-west-1\n", "", "share.yaml: region: nothing is not a value."),
        ("region:", "regio:", "share.yaml: regio: the key is not one that a share has."),
        ("organisation: outside", "organisation: away", 'share.yaml: organisation: "away" is not what a share says'),
        ("'2027-01-01'", "soon", 'share.yaml: end: "soon" is not what a share says there '),
    ],
)
def test_a_file_that_states_no_share_is_refused_by_its_mistake(
    tmp_path: Path, before: str, after: str, line: str
) -> None:
    path = tmp_path / "share.yaml"
    path.write_text(terms_text(TERMS).replace(before, after, 1))

    with pytest.raises(ProjectInvalid) as error:
        read_terms(path)

    assert any(said.startswith(line) for said in str(error.value).splitlines()), str(error.value)


def test_a_share_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProjectInvalid) as error:
        read_terms(tmp_path / "share.yaml")

    assert str(error.value) == "share.yaml: file: nothing is not a file. Fix: add it."
