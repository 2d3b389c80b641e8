"""Ways to break what decides who sees what, and whether the cases catch each: `python -m tests.leaks.mutants`.

Each is one change of one file, made in a copy of the tree. It is caught when a case finds something within 1,000.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("athenasql", "insightshare", "localcloud", "tests/leaks")
CASES, STEP = 1000, 50


@dataclass(frozen=True)
class Mutant:
    """What is wrong then, and the change that makes it so: `old` stands once in the file."""

    what: str
    file: str
    old: str
    new: str


_RIGHTS, _ACCESS = "localcloud/lakeformation/rights.py", "localcloud/lakeformation/access.py"
_GRANTS, _SEEN = "insightshare/share/grants.py", "insightshare/share/visibility.py"
_PREVIEW = "insightshare/share/preview.py"
MUTANTS = (
    Mutant("an account's ceiling is no ceiling", _RIGHTS, "regranted.cut_by(ceiling, table)", "regranted"),
    Mutant("what an account holds, all in it hold", _RIGHTS,
           "direct = _granted(arrived(owner, region, [caller.arn]), table",
           "direct = _granted(arrived(owner, region, [caller.arn, caller.account_id]), table"),
    Mutant("columns beyond the ceiling show", _RIGHTS,
           "tuple(name for name in mine[0] if name in set(theirs[0]))", "mine[0]"),
    Mutant("rows beyond the ceiling show", _RIGHTS, "(mine[1], theirs[1]) if", "(mine[1],) if"),
    Mutant("rows show that the ceiling or the grant has", _RIGHTS,
           '" AND ".join(f"({predicate})"', '" OR ".join(f"({predicate})"'),
    Mutant("excluded columns show", _RIGHTS, "set(table.columns) - set(excluded)", "set(table.columns)"),
    Mutant("a right on the column names the table's others", _ACCESS,
           'if held.permissions - {"SELECT"}:', "if held.permissions:"),
    Mutant("one filter of all rows opens the rows of all", _ACCESS, "if whole == shown:", "if whole:"),
    Mutant("the columns of one filter are those of all", _ACCESS,
           "return TableAccess(columns, tuple(dict.fromkeys(filters)))",
           "return TableAccess(table.all_columns, tuple(dict.fromkeys(filters)))"),
    Mutant("a link to a database needs no right", _ACCESS,
           "if not sees_database(caller, region, database.catalog_id, database.name):", "if False:"),
    Mutant("a grant is for every table", "localcloud/lakeformation/store.py",
           "and self.table in (table, ALL_TABLES)", "and True"),
    Mutant("what is taken back stays", "localcloud/lakeformation/store.py",
           "permissions=held.permissions - permissions,", "permissions=held.permissions,"),
    Mutant("a filter keeps its first contents", "localcloud/lakeformation/filters.py",
           "filters[_key(made)] = replace(made, creator=held.creator)", "filters[_key(made)] = held"),
    Mutant("grants need no RAM share", "localcloud/lakeformation/sharing.py",
           "for grant in own.held_by(principals) if in_force(grant, region)]", "for grant in own.held_by(principals)]"),
    Mutant("an invitation that waits is as good as accepted", "localcloud/ram_shares.py",
           'held is None or held.status != "ASSOCIATED":', 'held is None or held.status == "DISASSOCIATED":'),
    Mutant("a rejected invitation lets in", "localcloud/ram_shares.py",
           '_answer(invitation, "REJECTED", "DISASSOCIATED")', '_answer(invitation, "REJECTED", "ASSOCIATED")'),
    Mutant("row filters do not hold", "athenasql/visible.py",
           '"(" + " OR ".join(test for _, test in tests) + ")"', '"TRUE"'),
    Mutant("a row that shows, shows all columns", "athenasql/visible.py",
           "whole = len(where) == len(tests) or column in always", "whole = True"),
    Mutant("AND in a row filter is OR", "athenasql/row_filter.py", '" AND ".join(parts)', '" OR ".join(parts)'),
    Mutant("LIKE takes any case", "athenasql/row_filter.py", "{negated}LIKE", "{negated}ILIKE"),
    Mutant("BETWEEN has no end", "athenasql/row_filter.py",
           '({column} {negated}BETWEEN {low} AND {self._value(kind, name)})',
           '({column} {negated}>= {low} OR {column} > {self._value(kind, name)})'),
    Mutant("receipts of all insights show", _GRANTS,
           """" OR ".join(f"insight = '{name}'" for name in names)""", """"insight <> '' " + "" * len(names)"""),
    Mutant("agreements have no end", "insightshare/contract/facts.py",
           "return self.start <= today <= self.end", "return self.start <= today"),
    Mutant("agreements end a day late", "insightshare/contract/facts.py",
           "return self.start <= today <= self.end",
           "return self.start.toordinal() <= today.toordinal() <= self.end.toordinal() + 1"),
    Mutant("whoever reads one of an insight's tables reads all", _GRANTS,
           "for kind in grant.tables:", 'for kind in ("history", "latest"):'),
    Mutant("agreed columns are all columns", _GRANTS,
           "columns = grant.columns_of(insights[grant.insight])\n        for",
           "columns = tuple(insights[grant.insight].types)\n        for"),
    Mutant("agreed rows are all rows", _GRANTS, 'row_filter=grant.rows or "",', 'row_filter="",'),
    Mutant("a preview shows all rows", _PREVIEW, """"{table}" WHERE {rows}'""", """"{table}" WHERE TRUE'"""),
    Mutant("a preview shows what is over", _PREVIEW, "if not agreement.in_force(today):", "if False:"),
    Mutant("a profile shows columns that were not agreed", _SEEN,
           "if grant.columns is None or column.name in grant.columns]", "]"),
    Mutant("a profile of all rows is shown to readers of some", _SEEN, "    if grant.rows:\n", "    if False:\n"),
    Mutant("who moved is shown to readers of some rows", _SEEN,
           "if reaches_it and not grant.rows else None", "if reaches_it else None"),
    Mutant("small groups are counted", _SEEN,
           "return [None if place in withheld else count for place, count in enumerate(counts)]",
           "return list(counts)"),
    Mutant("values of confidential columns are in profiles", _SEEN,
           "classified = column.personal or column.classification in _CLASSIFIED", "classified = column.personal"),
    Mutant("profiles are shown when the agreement is over", _SEEN,
           "if grant is None or not agreement.in_force(today):", "if grant is None:"),
    Mutant("profiles show runs that cannot be queried", _SEEN,
           "reaches_it = not run.shown_by.isdisjoint(grant.tables)", "reaches_it = True"),
)  # fmt: skip


def first_finding(mutant: Mutant) -> str:
    """What the cases find first where this is broken; empty if they find nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        file = Path(folder, mutant.file)
        file.write_text(file.read_text().replace(mutant.old, mutant.new))
        here = {**os.environ, "PYTHONPATH": folder}
        command = [sys.executable, "-m", "tests.leaks.mutants", "--look"]
        found = subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True, check=False)
    return found.stdout.strip() or found.stderr.strip()[-300:]


def look() -> str:
    """The first finding of the tree that this process runs in."""
    from tests.leaks.cases import run

    for at in range(0, CASES, STEP):
        findings, shown, _ = run(range(at, at + STEP))
        if findings or shown:
            return str((*findings, *shown)[0])
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--look", action="store_true", help="only print the first finding of this very tree")
    if parser.parse_args().look:
        print(look())
        return 0
    missed = 0
    for number, mutant in enumerate(MUTANTS, 1):
        started, found = time.monotonic(), first_finding(mutant)
        missed += not found
        ended = f"{'caught' if found else 'MISSED'} {time.monotonic() - started:3.0f} s"
        print(f"{number:2} {ended} {mutant.what}: {found}", flush=True)
    print(f"{len(MUTANTS)} mutants, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
