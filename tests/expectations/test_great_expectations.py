"""Great Expectations itself reads our verdicts, draws them, and runs what we do not compile; its catalogue is ours."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from insightshare.contract.checks import stated_check
from insightshare.contract.expectations import GREAT_EXPECTATIONS
from insightshare.engine.duckdb import DuckDb
from insightshare.errors import DataInvalid
from insightshare.quality.audit import audit
from insightshare.quality.expectations_environment import interpreter
from insightshare.quality.expectations_result import FORMAT_VERSION, JudgedRun, suite_result
from insightshare.quality.expectations_runner import GreatExpectations, render_data_docs
from insightshare.quality.verdict import Verdict
from tests.expectations.cases import Case, cases
from tests.expectations.compared import ROOT, TABLE, contract_of, stated
from tests.expectations.tables import TYPES, table
from tests.unit.cli.test_checks import FAILED, checks, judged
from tests.unit.publish.scenes import fresh

pytestmark = pytest.mark.expectations
RUN = JudgedRun("things", "2026-01-05", "run-1", "2026-01-05T06:00:00+00:00", passed=False, rows=60, key=("id",))
WORDS = ["red", "green", "blue", "Red"]
UNCOMPILED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "expect_column_pair_values_to_be_in_set": (
        {"column_A": "word", "column_B": "flag", "value_pairs_set": [[w, f] for w in WORDS for f in (True, False)]},
        {"column_A": "word", "column_B": "flag", "value_pairs_set": [["red", True]]},
    ),
    "expect_select_column_values_to_be_unique_within_record": (
        {"column_list": ["id", "text"]},
        {"column_list": ["whole", "bigger"]},
    ),
    "expect_multicolumn_values_to_be_equal": (
        {"column_list": ["id", "id"]},
        {"column_list": ["whole", "bigger"]},
    ),
    "expect_column_values_to_not_be_outliers": (
        {"column": "whole", "method": "iqr", "multiplier": 3},
        {"column": "whole", "method": "std", "multiplier": 0.5},
    ),
    "expect_column_kl_divergence_to_be_less_than": (
        {"column": "word", "partition_object": {"values": WORDS, "weights": [0.25] * 4}, "threshold": 1},
        {
            "column": "word",
            "partition_object": {"values": WORDS, "weights": [0.97, 0.01, 0.01, 0.01]},
            "threshold": 0.1,
        },
    ),
    "expect_column_value_z_scores_to_be_less_than": (
        {"column": "whole", "threshold": 5, "double_sided": True},
        {"column": "whole", "threshold": 0.1, "double_sided": True},
    ),
    "expect_column_values_to_be_increasing": ({"column": "id", "strictly": True}, {"column": "whole"}),
    "expect_column_values_to_be_decreasing": ({"column": "id", "mostly": 0.01}, {"column": "id"}),
    "expect_column_values_to_be_dateutil_parseable": ({"column": "text", "mostly": 0.1}, {"column": "word"}),
    "expect_column_values_to_be_json_parseable": ({"column": "text"}, {"column": "word"}),
    "expect_column_values_to_match_json_schema": (
        {"column": "text", "json_schema": {"type": "integer"}},
        {"column": "text", "json_schema": {"type": "string"}},
    ),
    "expect_column_values_to_match_strftime_format": (
        {"column": "text", "strftime_format": "%d", "mostly": 0.5},
        {"column": "text", "strftime_format": "%d"},
    ),
}
"""Arguments that the rows keep, and arguments that they break."""
NOT_STATED = {
    "expect_column_type_to_be",  # of the engine's types; a contract's own types are always held
    "expect_query_results_to_match_comparison",  # asks another table
    "expect_table_row_count_to_equal_other_table",  # asks another table
    "unexpected_rows_expectation",  # a query; the standard has rules of type sql
}


def verdict(rows: pa.Table, chosen: Sequence[Case]) -> Verdict:
    """What the gate says, with Great Expectations for what is not compiled."""
    checks = [stated_check(stated(case, place)) for place, case in enumerate(chosen)]
    with DuckDb() as engine:
        engine.add_arrow(TABLE, rows)
        runner = GreatExpectations()
        return audit(engine, TABLE, contract_of(checks), TYPES, expectations=runner, with_profile=False)


def numbered() -> pa.Table:
    """The plain table with its numbers as text."""
    rows = table("plain")
    place = rows.schema.get_field_index("text")
    return rows.set_column(place, "text", pa.array([str(number) for number in range(rows.num_rows)]))


def facts(scratch: Path, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What Great Expectations says of itself and of a document."""
    words = [str(scratch / "answer.json")]
    if document is not None:
        words.append(str(scratch / "document.json"))
        Path(words[1]).write_text(json.dumps(document))
    command = [str(interpreter()), "-I", str(Path(__file__).with_name("facts.py")), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(Path(words[0]).read_text())
    return answer


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The validation result of a verdict with every compiled expectation in it, some of them failed."""
    first = {case[0]: case for case in reversed(list(cases()))}
    found = verdict(table("with nulls"), list(first.values()))
    return suite_result(RUN, [json.loads(json.dumps(check.to_json())) for check in found.checks])


def test_great_expectations_reads_our_verdict_and_writes_the_same_again(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    found = facts(tmp_path, document)

    assert (found["type"], found["success"]) == ("ExpectationSuiteValidationResult", False)
    assert found["again"] == document
    assert "CRITICAL" in found["worst"].upper()


def test_every_expectation_of_our_verdict_is_one_that_great_expectations_can_build(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    built = facts(tmp_path, document)["expectations_of_results"]

    assert len(built) == len(document["results"])


def test_the_format_is_that_of_the_pinned_version() -> None:
    assert f"great_expectations=={FORMAT_VERSION}\n" in (ROOT / "requirements/expectations.in").read_text()


def test_a_contract_may_state_what_great_expectations_has_with_its_own_arguments(tmp_path: Path) -> None:
    theirs = facts(tmp_path)["expectations"]

    unknown = {
        name: sorted(set(meant.arguments) - set(theirs.get(name, ())))
        for name, meant in GREAT_EXPECTATIONS.items()
        if name not in theirs or set(meant.arguments) - set(theirs[name])
    }

    assert unknown == {}


def test_a_contract_may_state_all_that_great_expectations_has_but_what_needs_another_table(tmp_path: Path) -> None:
    assert set(facts(tmp_path)["expectations"]) - set(GREAT_EXPECTATIONS) == NOT_STATED


class _Text(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_data_docs_show_each_rule_how_it_ended_and_the_keys_of_rows_that_broke_it(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    page = render_data_docs(document, tmp_path / "docs").read_text(encoding="utf-8")

    text = _Text()
    text.feed(page)
    failed = next(r["result"] for r in document["results"] if r["result"].get("partial_unexpected_index_list"))
    keys = ", ".join(row["id"] for row in failed["partial_unexpected_index_list"])
    shown = " ".join(text.words)
    assert page.count("fa-check-circle") >= document["statistics"]["successful_expectations"]
    assert page.count("fa-times") >= document["statistics"]["unsuccessful_expectations"]
    assert f"(not recorded) 10 {keys} " in shown
    assert (tmp_path / "docs/index.html").is_file()


def test_the_command_draws_data_docs_and_says_where(tmp_path: Path) -> None:
    _, ports = fresh()
    run_id = judged(ports, FAILED)

    printed = checks(ports, "--docs", str(tmp_path / "docs")).output.splitlines()[-1]

    page = Path(printed.removeprefix("wrote "))
    assert (page.name, run_id in page.parts) == (f"{run_id}.html", True)
    assert "A kind is a or b." in page.read_text(encoding="utf-8")


def test_what_is_not_compiled_is_all_tried_here() -> None:
    assert set(UNCOMPILED) == {name for name, meant in GREAT_EXPECTATIONS.items() if meant.kind == "expectation"}


def test_what_is_not_compiled_passes_and_fails_by_great_expectations() -> None:
    chosen = [(name, kwargs) for name, both in UNCOMPILED.items() for kwargs in both]

    found = [check.passed for check in verdict(numbered(), chosen).checks[1:]]

    assert dict(zip(UNCOMPILED, zip(found[::2], found[1::2], strict=True), strict=True)) == dict.fromkeys(
        UNCOMPILED, (True, False)
    )


def test_what_is_not_compiled_names_the_rows_that_broke_it() -> None:
    rule = ("expect_column_values_to_be_json_parseable", {"column": "word"})

    result = verdict(table("plain"), [rule]).checks[1]

    assert (result.observed, result.considered_rows) == ({"broken_rows": 60}, 60)
    assert result.failing_keys == tuple((str(place),) for place in range(10))


def test_large_whole_numbers_beside_nulls_stay_what_they_are() -> None:
    large = [2**53 + 1, 2**53 + 2, None]
    rows = table("plain").slice(0, 3)
    rows = rows.set_column(rows.schema.get_field_index("whole"), "whole", pa.array(large, pa.int64()))

    result = verdict(rows, [("expect_column_values_to_be_increasing", {"column": "whole", "strictly": True})]).checks[1]

    assert result.passed


def test_an_expectation_that_cannot_be_run_is_an_error_and_no_verdict() -> None:
    broken = ("expect_column_kl_divergence_to_be_less_than", {"column": "word", "partition_object": {"odd": 1}})

    with pytest.raises(DataInvalid, match="expect_column_kl_divergence_to_be_less_than stopped with"):
        verdict(table("plain"), [broken])


def test_a_condition_on_rows_is_left_to_great_expectations() -> None:
    some = {"column": "whole", "min_value": 5, "row_condition": "whole > 4", "condition_parser": "pandas"}

    result = verdict(table("plain"), [("expect_column_values_to_be_between", some)]).checks[1]

    assert (result.kind, result.passed, result.observed) == ("expectation", True, {"broken_rows": 0})
