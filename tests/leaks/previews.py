"""Asks what a client would see, before anything is granted: the answer is that of the agreement's part alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from insightshare.errors import InsightshareError
from insightshare.share.preview import agreed_views, preview_query
from tests.leaks import model
from tests.leaks.agreed import CLIENTS, project_of, promised
from tests.leaks.attempts import attempt
from tests.leaks.check import Finding, judge
from tests.leaks.emulator import Emulator
from tests.leaks.oracle import Oracle
from tests.leaks.play import World
from tests.leaks.shares import DATABASE


def run_preview(emulator: Emulator, oracle: Oracle, world: World, seed: int, tally: Counter[str]) -> Iterator[Finding]:
    """Everything that is wrong with one preview for one client of this world's agreements."""
    dice = random.Random(-seed)  # noqa: S311 - cases, not secrets
    client = dice.choice(sorted(CLIENTS))
    mine = [terms for terms in world.terms.values() if terms.client == client]
    shares = list(promised(mine, world.by_name, world.today))
    views = {table.name: model.agreed(table, shares, CLIENTS[client]) for table in world.tables}
    visible = {name: view.columns for name, view in views.items() if view is not None}
    sql = attempt(dice, world.tables, visible)
    if not mine or "$partitions" in sql:  # previews know no partitions
        return
    reply = _previewed(emulator, world, client, sql)
    tally["previewed" if "rows" in reply else "not previewed"] += 1
    for wrong in judge(oracle.answer(sql, world.by_name, views, ()), sql, reply, views):
        yield Finding(seed, f"preview of {client}", sql, *wrong)


def _previewed(emulator: Emulator, world: World, client: str, sql: str) -> dict[str, object]:
    types = {table.name: {column.name: column.type for column in table.all_columns} for table in world.tables}
    project = project_of(world.tables, world.terms.values())
    try:
        query = preview_query(sql, client, DATABASE, agreed_views(project, client, world.today, types), types)
    except InsightshareError as error:
        return {"error": str(error)}
    return emulator.finish("other", emulator.start("other", query), query)
