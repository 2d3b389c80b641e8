"""Our verdicts and Great Expectations' on the same tables, in one shape. Asserts nothing."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from insightshare.contract.checks import StatedRule, stated_check
from insightshare.contract.facts import Check, Contract
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.audit import audit
from insightshare.quality.verdict import CheckResult
from tests.expectations.cases import Case
from tests.expectations.tables import COLUMNS, TYPES
from tests.unit.quality.contracts import contract

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "insightshare/quality/expectations_worker.py"
TABLE = "things"


@dataclass(frozen=True)
class Ending:
    """How a check ended: whether it passed, and what was counted or measured; `error` where there was no ending."""

    passed: bool = False
    broken: int | None = None
    considered: int | None = None
    measured: tuple[float | None, ...] | None = None
    keys: tuple[str, ...] = ()
    error: str = ""

    @property
    def unnamed(self) -> "Ending":
        """The ending without keys, where an engine names any of the rows that break a rule."""
        return replace(self, keys=())


def stated(case: Case, place: int = 0) -> StatedRule:
    """Return a case as a contract states it."""
    name, arguments = case
    implementation = {"type": name, "kwargs": arguments}
    rule = {"id": f"rule_{place}", "description": "A rule.", "severity": "error", "type": "custom"}
    return StatedRule({**rule, "engine": "greatExpectations", "implementation": implementation}, "", f"rule_{place}")


def contract_of(checks: Sequence[Check]) -> Contract:
    """Return a contract of the tables' shape with these checks."""
    schema = Check("schema", "schema", tuple(TYPES), "error", "The columns.")
    return replace(contract(columns=COLUMNS), checks=(schema, *checks))


def ours(table: pa.Table, cases: Sequence[Case]) -> list[Ending]:
    """Return how each case ends by our gate, all in one audit."""
    checks = [stated_check(stated(case, place)) for place, case in enumerate(cases)]
    with DuckDb() as engine:
        engine.add_arrow(TABLE, table)
        found = audit(engine, TABLE, contract_of(checks), TYPES, with_profile=False)
    return [_ending(result) for result in found.checks[1:]]


def _ending(result: CheckResult) -> Ending:
    measured = result.observed.get("rows") if result.measured is None else result.measured
    found = measured if isinstance(measured, tuple) else None if measured is None else (measured,)
    keys = tuple(key[0] for key in result.failing_keys)
    broken = result.observed.get("broken_rows")
    return Ending(result.passed, None if broken is None else int(broken), result.considered_rows, found, keys)


@dataclass(frozen=True)
class GreatExpectationsElsewhere:
    """Great Expectations in another environment: its Python, and the script of this folder that asks it."""

    python: Path
    script: str = "answers.py"

    def endings(self, tables: Mapping[str, pa.Table], cases: Sequence[Case], scratch: Path) -> dict[str, list[Ending]]:
        """Return, by table, how each case ends; one process for all."""
        checks = [{"id": str(place), "type": name, "kwargs": given} for place, (name, given) in enumerate(cases)]
        paths = {name: scratch / f"{place}.parquet" for place, name in enumerate(tables)}
        for name, table in tables.items():
            pq.write_table(table, paths[name])
        listed = {name: str(path) for name, path in paths.items()}
        answers = self._asked(scratch, {"tables": listed, "checks": checks})
        return {name: [_answer(answer) for answer in answers[name]] for name in tables}

    def _asked(self, scratch: Path, request: Mapping[str, Any]) -> Any:
        question, answer = scratch / "request.json", scratch / "answer.json"
        question.write_text(json.dumps(request))
        script = Path(__file__).with_name(self.script)
        command = [str(self.python), "-I", str(script), str(WORKER), str(question), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(answer.read_text())


def _answer(answer: Mapping[str, Any]) -> Ending:
    if answer["error"]:
        return Ending(error=answer["error"])
    measured = answer["measured"]
    counted = "element_count" in answer
    return Ending(
        answer["success"],
        answer.get("unexpected_count"),
        answer["element_count"] - answer.get("missing_count", 0) if counted else None,
        tuple(measured) if isinstance(measured, list) else None if measured is None else (measured,),
        () if answer["success"] else tuple(key[0] for key in answer["keys"]),
    )


@dataclass(frozen=True)
class Compared:
    """Every case on every table, by both."""

    tables: Mapping[str, pa.Table]
    cases: Sequence[Case]
    theirs: Mapping[str, Sequence[Ending]]

    @cached_property
    def ours(self) -> Mapping[str, Sequence[Ending]]:
        """Our endings, by table."""
        return {name: ours(table, self.cases) for name, table in self.tables.items()}
