"""The ways to break what decides who sees what still apply; that each is caught: `python -m tests.leaks.mutants`."""

from __future__ import annotations

from tests.leaks.mutants import MUTANTS, ROOT


def test_every_mutant_changes_exactly_one_place() -> None:
    places = {mutant.what: (ROOT / mutant.file).read_text().count(mutant.old) for mutant in MUTANTS}

    assert {what: count for what, count in places.items() if count != 1} == {}
