"""Runs the expectations that no query can hold: Great Expectations itself, in a process and environment of its own.

Nothing of it is imported here, and nothing is looked for until a contract states such an expectation. It sees only the
columns that its rules and the key need, and never more rows than a rule's declared limit: more is an error, no sample.
Its answers follow its own semantics on pandas: NaN counts as null.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from insightshare.contract.facts import Check, Contract
from insightshare.errors import DataInvalid, UsageError
from insightshare.quality.dialect import Dialect
from insightshare.quality.expectations import columns_needed, configuration
from insightshare.quality.expectations_environment import TIMEOUT_SECONDS, ask, interpreter
from insightshare.quality.profile import Rows
from insightshare.quality.verdict import CheckResult

if TYPE_CHECKING:
    import pyarrow as pa

ROW_LIMIT = 1_000_000
"""Most rows for a rule that declares no limit of its own."""


class Tables(Rows, Protocol):
    """What the runner needs of an engine."""

    def arrow(self, sql: str) -> "pa.Table":
        """Return a whole result as Arrow."""


@dataclass(frozen=True)
class GreatExpectations:
    """The runner as the gate calls it; `python` has Great Expectations (default: looked for when it is needed)."""

    python: Path | None = None
    timeout_seconds: float = TIMEOUT_SECONDS

    def __call__(
        self, engine: Tables, table: str, contract: Contract, checks: Sequence[Check], rows: int
    ) -> tuple[CheckResult, ...]:
        """Return one result per check, in their order, with the keys of failing rows as they are.

        Raises UsageError where there are more rows than a check's limit, DataInvalid where an expectation cannot be
        run on these data, PlatformError where Great Expectations is not there or gives no answer.
        """
        for check in checks:
            _hold_to_limit(contract, check, rows)
        if not checks:
            return ()
        python = self.python or interpreter()
        with TemporaryDirectory(prefix="insightshare-rows-") as scratch:
            path = Path(scratch) / "rows.parquet"
            _write_columns(engine, table, contract, checks, path)
            asked = [{"id": check.id, **configuration(check)} for check in checks]
            request = {"task": "validate", "data": str(path), "key": list(contract.key), "checks": asked}
            answers = ask(python, request, self.timeout_seconds)
        return tuple(_result(contract, check, answer) for check, answer in zip(checks, answers, strict=True))


def render_data_docs(document: dict[str, Any], folder: Path, python: Path | None = None) -> Path:
    """Write a Data Docs site about one validation result into a folder; return its page about the result."""
    folder.mkdir(parents=True, exist_ok=True)
    request = {"task": "docs", "document": document, "folder": str(folder.resolve())}
    return Path(ask(python or interpreter(), request)["page"])


def _hold_to_limit(contract: Contract, check: Check, rows: int) -> None:
    limit = check.row_limit or ROW_LIMIT
    if rows > limit:
        fix = "state the rule so that it can be compiled, or raise its row limit if the job's memory allows"
        raise UsageError.at(f"contract {contract.name}", check.id, f"{rows:,} rows", f"at most {limit:,} rows", fix)


def _write_columns(engine: Tables, table: str, contract: Contract, checks: Sequence[Check], path: Path) -> None:
    """Write the columns that the rules and the key need; every column of the contract for rules on the table itself."""
    import pyarrow.parquet as pq

    needed = [columns_needed(configuration(check)) for check in checks]
    chosen = {*contract.key, *(name for names in needed for name in names)} if all(needed) else set(contract.types)
    write = Dialect(engine.dialect)
    listed = ", ".join(write.quoted(name) for name in contract.types if name in chosen)
    order = ", ".join(f"{write.quoted(name)} NULLS LAST" for name in contract.order_by)  # "increasing" needs one
    pq.write_table(engine.arrow(f"SELECT {listed} FROM {write.quoted(table)} ORDER BY {order}"), path)


def _result(contract: Contract, check: Check, answer: dict[str, Any]) -> CheckResult:
    if answer["error"]:
        fix = "hold the expectation's arguments and the columns' types against its documentation"
        field = f"{check.expectation} stopped with {answer['error']}"
        raise DataInvalid.at(f"contract {contract.name}", check.id, field, "an expectation that can be run", fix)
    result = CheckResult.of(check, answer["success"])
    if "unexpected_count" not in answer:
        return replace(result, measured=answer["measured"])
    return replace(
        result,
        observed={"broken_rows": answer["unexpected_count"]},
        considered_rows=answer["element_count"] - answer.get("missing_count", 0),
        failing_keys=() if answer["success"] else tuple(tuple(key) for key in answer["keys"]),
    )
