"""Who holds what: every holder of grants, and random draws of them in every shape that Lake Formation knows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.leaks.world import Predicate, Table, predicate_of

# The second is in our organisation; the third must accept invitations; the last was granted nothing, ever.
PROVIDER, INSIDE, OUTSIDE, NOBODY = "111111111111", "222222222222", "444444444444", "555555555555"
DATABASE = "insights"
HOMES = {
    "role": PROVIDER, "other": PROVIDER, "analyst": INSIDE, "guest": INSIDE, "outsider": OUTSIDE, "visitor": OUTSIDE,
    "stranger": NOBODY,
}  # fmt: skip
READERS = ("role", "analyst", "guest", "outsider", "visitor")
# Holders that are no role: accounts (a ceiling for all in it), and everybody in an account.
ACCOUNTS = {"inside": INSIDE, "outside": OUTSIDE}
EVERYBODY = {"all inside": INSIDE, "all outside": OUTSIDE}
PROVIDERS_HOLDERS = ("role", "inside", "outside", "guest", "visitor")
CLIENTS_HOLDERS = (
    ("analyst", INSIDE), ("analyst", INSIDE), ("guest", INSIDE), ("all inside", INSIDE),
    ("outsider", OUTSIDE), ("outsider", OUTSIDE), ("visitor", OUTSIDE), ("all outside", OUTSIDE),
)  # fmt: skip
MOST = 3  # grants of one holder on one table, at a time


@dataclass(frozen=True)
class Share:
    """One grant: to whom, by which account, on which table, and which columns and rows; `kind` by its API shape."""

    to: str
    by: str
    table: str
    kind: str  # table | include | exclude | filter | describe | all_tables | database
    names: tuple[str, ...] = ()  # columns that are listed, for include, exclude or filter
    excludes: bool = False  # whether the names are an exclude list
    predicate: Predicate | None = None
    number: int = 0  # of a filter, as there may be several
    text: str = ""  # the predicate in Lake Formation's grammar, where the platform wrote it

    @property
    def key(self) -> tuple[str, ...]:
        """What must be unique, so that one grant that is taken back takes no other along: the model stays naive."""
        if self.kind in ("all_tables", "database"):
            return (self.by, self.to, self.kind)
        if self.kind == "exclude":
            return (self.by, self.to, self.kind, self.table, *sorted(self.names))  # columns left out are a set
        return (self.by, self.to, self.kind, self.table, str(self.number))


def account_of(holder: str) -> str:
    """The account of a holder."""
    return HOMES.get(holder) or ACCOUNTS.get(holder) or EVERYBODY[holder]


def drawn(dice: random.Random, tables: tuple[Table, ...], to: str, by: str) -> Iterator[Share]:
    """Up to three grants for one holder on each of the tables, often none."""
    for table in tables:
        for number in range(dice.choice((0, 1, 1, 1, 2, MOST))):
            yield _share(dice, table, to, by, number)


def changed(dice: random.Random, table: Table, share: Share) -> Share:
    """Another filter by the same name."""
    predicate = predicate_of(dice, table, depth=1) if dice.random() < 0.8 else None
    return Share(share.to, share.by, share.table, "filter", share.names, share.excludes, predicate, share.number)


def _share(dice: random.Random, table: Table, to: str, by: str, number: int) -> Share:
    kind = dice.choice(("table", "include", "exclude", *["filter"] * 5, "describe", "all_tables", "database"))
    names = tuple(dice.sample([column.name for column in table.columns], dice.randint(1, len(table.columns) - 1)))
    if kind == "filter":
        predicate = predicate_of(dice, table, depth=2) if dice.random() < 0.8 else None
        how = dice.choice(("include", "exclude", "all"))
        return Share(to, by, table.name, kind, names if how != "all" else (), how != "include", predicate, number)
    if (kind in ("all_tables", "table") and dice.random() < 0.6) or (kind == "exclude" and account_of(to) != by):
        kind = "include"
    if kind in ("all_tables", "database"):
        return Share(to, by, "", kind)
    return Share(to, by, table.name, kind, names if kind in ("include", "exclude") else (), kind == "exclude")
