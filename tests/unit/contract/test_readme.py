"""What an insight's README says, and that it is written only where it changed."""

import shutil
from dataclasses import replace
from pathlib import Path

from insightshare.contract.drift import DriftLimit, DriftRules
from insightshare.contract.facts import Insight
from insightshare.contract.read import load_project
from insightshare.contract.readme import render, write_readmes

ROOT = Path(__file__).resolve().parents[3]
PROJECT = load_project(ROOT)


def test_every_column_is_in_the_table_with_type_unit_meaning_and_classification() -> None:
    text = render(PROJECT.insights["churn"], PROJECT.sources)

    assert (
        "| `churn_probability` | `double` | 0 to 1 | Probability that the customer leaves within a month. | no "
        "| confidential, personal |"
    ) in text
    assert all(f"| `{name}` |" in text for name in [*PROJECT.insights["churn"].types, "as_of"])


def test_a_bar_in_a_description_does_not_break_the_table() -> None:
    churn = PROJECT.insights["churn"]
    first, *others = churn.columns
    changed = replace(churn, columns=(replace(first, description="a|b"), *others))

    assert "a&#124;b" in render(changed, PROJECT.sources)


def test_licence_and_citation_of_each_input_are_stated() -> None:
    text = render(PROJECT.insights["interests"], PROJECT.sources)

    for name in ("movielens_ratings", "movielens_items"):
        assert PROJECT.sources[name].licence in text
        assert PROJECT.sources[name].citation in text


def test_a_warning_is_told_from_what_rejects_a_run() -> None:
    churn = PROJECT.insights["churn"]
    *others, last = churn.checks
    changed = replace(churn, checks=(*others, replace(last, severity="warning")))

    assert f"- {last.sentence} (only a warning)\n" in render(changed, PROJECT.sources)


def test_only_a_readme_that_differs_is_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "insights", tmp_path / "insights")
    drifted = tmp_path / "insights" / "churn" / "README.md"
    drifted.write_text("old")

    changed = write_readmes(tmp_path, PROJECT.insights, PROJECT.sources)

    assert changed == [drifted]
    assert drifted.read_text() == render(PROJECT.insights["churn"], PROJECT.sources)


def with_drift(*limits: DriftLimit) -> Insight:
    churn = PROJECT.insights["churn"]
    columns = tuple(dict.fromkeys(limit.column for limit in limits if limit.column))
    return replace(churn, pipeline=replace(churn.pipeline, drift=DriftRules(limits, columns)))


def test_the_readme_has_a_row_per_measure_of_drift_with_its_limits() -> None:
    limits = (
        DriftLimit("went", "", "note", 0.05),
        DriftLimit("went", "", "block", 0.5),
        DriftLimit("psi", "tenure_months", "warn", 0.25),
    )

    text = render(with_drift(*limits), PROJECT.sources)

    assert "| `went` | 5% |  | 50% |\n| `psi` of `tenure_months` |  | 0.25 |  |\n\n## What is promised" in text


def test_a_pipeline_that_compares_nothing_says_nothing_of_drift() -> None:
    assert "run before" not in render(with_drift(), PROJECT.sources)


def test_the_readme_says_how_each_guess_was_made_how_sure_it_is_and_what_for() -> None:
    text = render(PROJECT.insights["churn"], PROJECT.sources)

    assert "| `risk_category` | Worked out from churn_probability. | `churn_probability` | retention, " in text
    assert "What is inferred" not in render(PROJECT.insights["product_area_impact"], PROJECT.sources)
