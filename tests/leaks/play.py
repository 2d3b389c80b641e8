"""The course of a world: its tables stay; from case to case grants come, change and go, and invitations are answered.

Everything is drawn from the world's seed, so a case can be had again by playing those before it. Asks nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from insightshare.share.grants import DesiredGrant, desired_grants
from tests.leaks.agreed import CLIENTS, FIRST_DAY, Terms, project_of, promised, published, terms_of
from tests.leaks.emulator import BORROWED, DESK, Emulator
from tests.leaks.shares import (
    CLIENTS_HOLDERS,
    OUTSIDE,
    PROVIDER,
    PROVIDERS_HOLDERS,
    READERS,
    Share,
    account_of,
    changed,
    drawn,
)  # fmt: skip
from tests.leaks.world import Table, table_of

CASES_PER_WORLD = 25
Key = tuple[str, ...]


@dataclass
class World:
    """What is, at one moment. `held` are the grants that Lake Formation accepted and nobody took back."""

    seed: int
    dice: random.Random
    tables: tuple[Table, ...]
    doors: Mapping[str, frozenset[str]]
    agreements: bool  # whether the provider grants by agreements, or any shape at random
    today: date = FIRST_DAY
    terms: dict[str, Terms] = field(default_factory=dict)
    held: dict[Key, Share] = field(default_factory=dict)
    applied: dict[Key, Share] = field(default_factory=dict)  # what the platform made of the agreements
    joined: dict[tuple[str, str], bool] = field(default_factory=dict)  # RAM shares with outsiders: were they accepted?

    @property
    def by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    @property
    def arrived(self) -> list[Share]:
        """The grants that have an effect: those to outsiders only once their RAM share is accepted."""
        return [share for share in self.held.values() if not _travels(share) or self.joined.get(_carrier(share))]


def new_world(emulator: Emulator, number: int) -> World:
    """The world of this number, with nothing granted yet."""
    dice = random.Random(number)  # noqa: S311 - cases, not secrets
    agreements = number % 2 == 1
    drawn_tables = (table_of(dice, name, dice.choice(("", "part"))) for name in ("t0", "t1"))
    tables = published(dice) if agreements else tuple(drawn_tables)
    doors = {
        reader: frozenset(door for door in (BORROWED, DESK) if dice.random() < 0.5) for reader in (*READERS, "stranger")
    }
    emulator.load(tables, dice.choice(("3", "4", "5")), doors)
    return World(number, dice, tables, doors, agreements)


def step(emulator: Emulator, world: World) -> None:
    """On to the next case: the provider's grants change, invitations are answered or lapse, then the clients' own."""
    if world.agreements:
        _new_terms(world)
        _apply_agreements(emulator, world)
    else:
        _apply(emulator, world, _redrawn(world, [(holder, PROVIDER) for holder in PROVIDERS_HOLDERS]), PROVIDER)
    _answer(emulator, world)
    for account in sorted({account for _, account in CLIENTS_HOLDERS}):
        _apply(emulator, world, _redrawn(world, [one for one in CLIENTS_HOLDERS if one[1] == account]), account)


def _redrawn(world: World, holders: Iterable[tuple[str, str]]) -> list[Share]:
    """Most of what the holders hold, some of it changed, and something new."""
    dice, found = world.dice, []
    for to, by in dict.fromkeys(holders):
        mine = [share for share in world.held.values() if (share.to, share.by) == (to, by)]
        kept = [share for share in mine if dice.random() < 0.8]
        for share in kept:
            again = share.kind == "filter" and dice.random() < 0.2
            found.append(changed(dice, world.by_name[share.table], share) if again else share)
        if len(kept) < 3 * len(world.tables) and dice.random() < 0.4:
            found += drawn(dice, world.tables, to, by)
    return found


def _new_terms(world: World) -> None:
    """Days pass; agreements are made, replaced and removed."""
    dice = world.dice
    world.today += timedelta(days=dice.choice((0, 1, 1, 15, 40)))
    for client in CLIENTS:
        if client not in world.terms or dice.random() < 0.35:
            world.terms[client] = terms_of(dice, world.tables, client, world.today)
        if dice.random() < 0.1:
            del world.terms[client]


def _platforms(world: World) -> list[Share]:
    """The grants that the platform wants on this day, as Terraform applies them."""
    project = project_of(world.tables, world.terms.values())
    return [_applied(desired) for desired in desired_grants(project, world.today)]


def _applied(desired: DesiredGrant) -> Share:
    to = CLIENTS[desired.client]
    columns = desired.columns
    return Share(to, PROVIDER, desired.table, "filter", columns, not columns, text=desired.row_filter)


def _apply(emulator: Emulator, world: World, wanted: list[Share], by: str) -> None:
    """Bring one account's grants to what is wanted, and hold those that were accepted."""
    mine = {key: share for key, share in world.held.items() if share.by == by}
    unique = {share.key: share for share in reversed(wanted)}
    accepted = _brought(emulator, mine, unique)
    world.held = {key: share for key, share in world.held.items() if share.by != by} | accepted
    if by == PROVIDER:
        _note_carriers(world, _lasting(mine, unique))


def _apply_agreements(emulator: Emulator, world: World) -> None:
    """Bring the provider's grants to what the platform wants; held is what was promised, whatever became of it."""
    world.applied = _brought(emulator, world.applied, {share.key: share for share in _platforms(world)})
    mine = {key: share for key, share in world.held.items() if share.by == PROVIDER}
    agreed = {share.key: share for share in promised(world.terms.values(), world.by_name, world.today)}
    world.held = {key: share for key, share in world.held.items() if share.by != PROVIDER} | agreed
    _note_carriers(world, _lasting(mine, agreed))


def _brought(emulator: Emulator, mine: dict[Key, Share], wanted: dict[Key, Share]) -> dict[Key, Share]:
    """Take back what is not wanted, change what changed, grant what is new; what is then held."""
    held = {}
    lasting = _lasting(mine, wanted)
    for key in sorted(mine.keys() - lasting):
        emulator.revoke(mine[key])
    for key, share in wanted.items():
        if key in lasting:
            held[key] = share if share == mine[key] or emulator.update(share) else mine[key]
        elif emulator.grant(share):
            held[key] = share
    return held


def _lasting(mine: dict[Key, Share], wanted: dict[Key, Share]) -> set[Key]:
    """The grants that stay; of those with other contents only filters do, the rest is taken back and granted anew."""
    return {key for key, share in wanted.items() if key in mine and (share == mine[key] or share.kind == "filter")}


def _note_carriers(world: World, lasting: set[Key]) -> None:
    """A first grant to an outsider invites it; later ones join what it accepted; with the last the RAM share goes."""
    travelling = {share.key: _carrier(share) for share in world.held.values() if _travels(share)}
    stayed = {carrier for key, carrier in travelling.items() if key in lasting}
    world.joined = {carrier: accepted for carrier, accepted in world.joined.items() if carrier in stayed}
    for key, carrier in travelling.items():
        if key not in lasting:
            world.joined.setdefault(carrier, False)


def _answer(emulator: Emulator, world: World) -> None:
    """Outsiders accept what waits for them, reject it, let it lapse, or leave it."""
    match world.dice.choice(("accept", "accept", "accept", "accept", "reject", "lapse", "wait")):
        case "accept":
            emulator.answer(OUTSIDE, "AcceptResourceShareInvitation")
            world.joined = dict.fromkeys(world.joined, True)
        case "reject":
            emulator.answer(OUTSIDE, "RejectResourceShareInvitation")
            _leave(world)
        case "lapse":
            emulator.wait(12)
            _leave(world)


def _leave(world: World) -> None:
    """Who did not accept is out, until a grant that adds something invites it again."""
    world.joined = {carrier: True for carrier, joined in world.joined.items() if joined}


def _travels(share: Share) -> bool:
    return share.by == PROVIDER and account_of(share.to) == OUTSIDE


def _carrier(share: Share) -> tuple[str, str]:
    """A RAM share carries all grants of one kind to one principal."""
    return share.to, share.kind if share.kind in ("all_tables", "database") else "table"
