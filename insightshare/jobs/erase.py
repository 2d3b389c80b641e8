"""Writes a run again without one person's rows, judged as when it was made. Decides nothing, and never says who."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insightshare.contract.facts import Insight
from insightshare.errors import DataInvalid, UsageError
from insightshare.jobs.judged import judged
from insightshare.jobs.workplace import Workplace
from insightshare.publish.facts import Claim
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import Manifest
from insightshare.publish.scrubbing import Subject

SEARCHED, COPIED = "searched", "copied"
WHOLE_NUMBERS = frozenset({"tinyint", "smallint", "int", "bigint"})
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")  # as JSON writes it, so that documents can be searched for it
WEAKENED = "Failed after rows were erased, which is no reason to show them again."


@dataclass(frozen=True)
class RunEditor:
    """One person's rows in the runs of one insight; implements the port `Editor`, with DuckDB."""

    place: Workplace
    insight: Insight
    subject: Subject

    def __post_init__(self) -> None:
        self._condition  # noqa: B018  # what cannot be asked for is refused before anything is read

    def holds(self, keys: Sequence[str]) -> bool:
        """Say whether these files hold a row of the person, or cannot be read so that it could be told."""
        paths = [self.place.lake.uri(key) for key in keys]
        kind = {self.subject.column: self.insight.types[self.subject.column]}
        with self.place.open_engine("duckdb") as engine:
            try:
                found = engine.found_types(paths, kind)
            except DataInvalid:  # no Parquet: a job that died while it wrote
                return True
            if self.subject.column not in found:
                return True
            engine.add_files(SEARCHED, paths, kind)
            return bool(engine.row(f"SELECT COUNT(*) AS n FROM {SEARCHED} WHERE {self._condition}")["n"])

    def rewrite(self, own: Claim, before: Manifest) -> Manifest:
        """Write the files of `before` without the person's rows into the folder of a new run; return its manifest.

        No verdict stops it: what the copy fails is a warning, and the run before passed.
        """
        folder = run_folder(self.insight.name, before.claim.run_id)
        paths = [self.place.lake.uri(folder + file.name) for file in before.files]
        with self.place.open_engine("duckdb") as engine:
            found = engine.found_types(paths, self.insight.types)
            types = {name: kind for name, kind in self.insight.types.items() if name in found}
            engine.add_files(COPIED, paths, types)
            # A column that the contract got later is null in the copy, as readers see it in the run before.
            columns = ", ".join(name if name in types else f"NULL AS {name}" for name in self.insight.types)
            sql = f"SELECT {columns} FROM {COPIED} WHERE ({self._condition}) IS NOT TRUE"
            run = judged(self.place, engine, self.insight, own, sql)
        return Manifest(
            claim=own,
            files=run.files,
            passed=True,
            checks=tuple(weakened(check.to_json()) for check in run.verdict.checks),
            lineage=before.lineage,
            profile=dict(run.verdict.profile),
            drift=run.drift,
            reader_profiles=run.reader_profiles,
            promised_hours=before.promised_hours,
        )

    @property
    def _condition(self) -> str:
        """The condition that a row is the person's, in SQL that every engine takes."""
        column, value = self.subject.column, self.subject.value
        kind = self.insight.types.get(column, "")
        if kind == "string":
            quoted = value.replace("'", "''")
            return f"{column} = '{quoted}'"
        if kind in WHOLE_NUMBERS and WHOLE_NUMBER.fullmatch(value):
            return f"{column} = {int(value)}"
        if kind in WHOLE_NUMBERS:
            found, expected = "a text", f"a whole number, as {column} is"
            raise UsageError.at("erase", "value", found, expected, "give the value as the column has it")
        found, expected = f"{column}, {kind or 'unknown'},", "a column of text or whole numbers"
        raise UsageError.at(f"erase {self.insight.name}", "column", found, expected, "name a column of the contract")


def weakened(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the check as it is told of a copy: a failed one no longer stops the run."""
    if check["passed"] or check["severity"] != "error":
        return check
    return {**check, "severity": "warning", "sentence": f"{check['sentence']} {WEAKENED}"}
