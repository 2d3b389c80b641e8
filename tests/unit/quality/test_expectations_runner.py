"""How Great Expectations is asked, with a stand-in for it: on which columns, within which limits; what goes wrong."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from insightshare.contract.facts import Check
from insightshare.engine.duckdb import DuckDb
from insightshare.errors import DataInvalid, PlatformError, UsageError
from insightshare.quality.audit import audit
from insightshare.quality.expectations_environment import SETTING, ask, interpreter
from insightshare.quality.expectations_runner import GreatExpectations
from insightshare.quality.verdict import CheckResult
from tests.unit.quality.contracts import COLUMNS, contract
from tests.unit.quality.stand_in import ANSWER, JSON_RULE, ROWS, TABLE_RULE, stand_in


def results(runner: GreatExpectations, *checks: Check, personal: bool = False) -> tuple[CheckResult, ...]:
    """What the gate says of the rows, beside the schema."""
    columns = tuple(replace(column, personal=personal) for column in COLUMNS)
    asked = contract(*checks, columns=columns)
    with DuckDb() as engine:
        engine.add_arrow("things", ROWS)
        return audit(engine, "things", asked, asked.types, expectations=runner).checks[1:]


def test_an_answer_becomes_a_result_with_counts_and_the_keys_of_failing_rows(tmp_path: Path) -> None:
    result = results(GreatExpectations(stand_in(tmp_path, ANSWER)), JSON_RULE)[0]

    found = (result.passed, result.observed, result.considered_rows, result.failing_keys)
    assert found == (False, {"broken_rows": 1}, 2, (("1",),))


def test_a_measure_becomes_a_result_without_counts(tmp_path: Path) -> None:
    answer = {"id": "x", "error": None, "success": True, "measured": 0.5, "keys": list[str]()}

    result = results(GreatExpectations(stand_in(tmp_path, answer)), JSON_RULE)[0]

    assert (result.passed, result.measured, result.observed) == (True, 0.5, {})


def test_personal_keys_come_out_as_digests(tmp_path: Path) -> None:
    result = results(GreatExpectations(stand_in(tmp_path, ANSWER)), JSON_RULE, personal=True)[0]

    assert [len(part) for part in result.failing_keys[0]] == [16]


def test_it_sees_the_key_and_the_columns_of_its_rules_in_the_key_s_order_and_no_more(tmp_path: Path) -> None:
    results(GreatExpectations(stand_in(tmp_path, ANSWER)), JSON_RULE)

    seen = json.loads((tmp_path / "seen.json").read_text())["rows"]
    assert seen == [{"id": 1, "kind": "x"}, {"id": 2, "kind": "{}"}, {"id": 3, "kind": None}]


def test_a_rule_on_the_table_sees_every_column(tmp_path: Path) -> None:
    results(GreatExpectations(stand_in(tmp_path, ANSWER)), TABLE_RULE)

    assert list(json.loads((tmp_path / "seen.json").read_text())["rows"][0]) == ["id", "kind", "score"]


def test_all_rules_are_asked_at_once_in_great_expectations_words(tmp_path: Path) -> None:
    results(GreatExpectations(stand_in(tmp_path, ANSWER, ANSWER)), JSON_RULE, TABLE_RULE)

    checks = json.loads((tmp_path / "seen.json").read_text())["checks"]
    assert checks == [
        {
            "id": "kind_is_json",
            "type": "expect_column_values_to_be_json_parseable",
            "kwargs": {"column": "kind", "mostly": 0.5},
        },
        {"id": "table_rule", "type": "expect_table_something", "kwargs": {}},
    ]


def test_more_rows_than_declared_are_refused_and_nothing_is_started() -> None:
    with pytest.raises(UsageError) as error:
        results(GreatExpectations(Path("/nowhere")), replace(JSON_RULE, row_limit=2))

    assert str(error.value) == (
        "contract things: kind_is_json: 3 rows is not at most 2 rows. "
        "Fix: state the rule so that it can be compiled, or raise its row limit if the job's memory allows."
    )


def test_an_expectation_that_stops_is_named_without_its_message(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid) as error:
        results(GreatExpectations(stand_in(tmp_path, {"id": "x", "error": "TypeError"})), JSON_RULE)

    assert str(error.value) == (
        "contract things: kind_is_json: expect_column_values_to_be_json_parseable stopped with TypeError is not "
        "an expectation that can be run. "
        "Fix: hold the expectation's arguments and the columns' types against its documentation."
    )


def test_a_process_that_fails_is_one_line_without_what_it_printed() -> None:
    with pytest.raises(PlatformError) as error:
        ask(Path(sys.executable), {"task": "validate"})  # has no Great Expectations

    assert str(error.value) == (
        "Great Expectations: process: an end with code 1 is not an answer. "
        "Fix: run make .venv-expectations/.done again; rules on fewer columns or rows take less memory."
    )


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    sleeper = tmp_path / "python"
    sleeper.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    sleeper.chmod(0o755)

    with pytest.raises(PlatformError) as error:
        results(GreatExpectations(sleeper, timeout_seconds=0.2), JSON_RULE)

    assert str(error.value) == (
        "Great Expectations: time: more than 0.2 s is not an answer in time. "
        "Fix: state the rule so that it can be compiled, or lower its row limit."
    )


def test_the_setting_comes_first(tmp_path: Path) -> None:
    chosen = stand_in(tmp_path)

    assert interpreter({SETTING: str(chosen)}, tmp_path / ".venv") == chosen


def test_the_environment_beside_ours_is_found(tmp_path: Path) -> None:
    neighbour = tmp_path / ".venv-expectations/bin/python"
    neighbour.parent.mkdir(parents=True)
    neighbour.write_text("")

    assert interpreter({}, tmp_path / ".venv") == neighbour


@pytest.mark.parametrize(
    ("environment", "line"),
    [({}, "environment: absent"), ({SETTING: "/nowhere/python"}, f"{SETTING}: no file")],
    ids=["nothing there", "a setting that leads nowhere"],
)
def test_no_environment_is_one_clear_line(tmp_path: Path, environment: dict[str, str], line: str) -> None:
    with pytest.raises(PlatformError) as error:
        interpreter(environment, tmp_path / ".venv")

    assert str(error.value) == (
        f"Great Expectations: {line} is not an interpreter with requirements/expectations.txt. "
        f"Fix: run make .venv-expectations/.done, or set {SETTING} to the Python of an environment that has it."
    )


def test_a_contract_without_such_expectations_imports_nothing_for_them_and_looks_for_nothing() -> None:
    program = (
        "import sys; from insightshare.quality.audit import audit; "
        "from insightshare.quality.expectations_runner import GreatExpectations; "
        "assert GreatExpectations()(None, 'things', None, (), 10**9) == (); "
        "print(*sorted({'great_expectations', 'pandas', 'pyarrow', 'scipy', 'jinja2'} & sys.modules.keys()))"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.split() == []
