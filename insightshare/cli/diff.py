"""The command that compares two runs: how far apart they are, who moved, and which rows changed. Changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from insightshare.cli.desk import Desk, iso_date
from insightshare.cli.printing import json_option, only_looks_option, print_rows
from insightshare.errors import UsageError

if TYPE_CHECKING:
    from insightshare.jobs.workplace import Workplace
    from insightshare.quality.difference import ChangedRow, Difference, Question
    from insightshare.quality.drift import Move

_MEASURES = ("measure", "column", "value", "level")


@click.command("diff")
@click.argument("insight")
@click.argument("run_a", required=False)
@click.argument("run_b", required=False)
@click.option("--as-of", help="Compare this date's current run with the one before; default: the newest date's.")
@click.option("--rows", type=click.IntRange(0), default=0, help="Print so many rows that came, went or changed.")
@click.option("--as", "client", help="Compare as this client, in the rows and columns that it may read.")
@only_looks_option
@json_option
@click.pass_obj
def diff_command(
    desk: Desk,
    insight: str,
    run_a: str | None,
    run_b: str | None,
    as_of: str | None,
    rows: int,
    client: str | None,
    as_json: bool,
) -> None:
    """Say how RUN_B differs from RUN_A: rows, entities, drift of the scored columns, who moved between bands."""
    from insightshare.aws.operator import operator_workplace
    from insightshare.jobs.difference import operators_difference

    if bool(run_a) != bool(run_b) or (run_a and as_of):
        fix = "give RUN_A and RUN_B, or --as-of, or nothing for the two newest dates"
        raise UsageError.at("diff", "RUN_A, RUN_B, --as-of", "this combination", "two runs or a date", fix)
    name = desk.known_insight(insight)
    with operator_workplace(desk.session, desk.deployment, desk.project) as place:
        runs = (run_a, run_b) if run_a and run_b else _chosen(place, name, as_of)
        if client is None:
            found = operators_difference(place, desk.project.insights[name], runs, rows)
    if client is not None:
        found = _as_client(desk, client, name, runs, rows)
    if as_json:
        document = {"insight": name, "before": runs[0], "after": runs[1], **found.to_json()}
        click.echo(json.dumps(document, indent=1, default=str))
    else:
        _print(found, runs, rows)


def _chosen(place: "Workplace", insight: str, as_of: str | None) -> tuple[str, str]:
    from insightshare.jobs.difference import runs_to_compare

    return runs_to_compare(place, insight, iso_date(as_of) if as_of else None)


def _as_client(desk: Desk, client: str, insight: str, runs: tuple[str, str], rows: int) -> "Difference":
    from insightshare.aws.comparison import difference_for_reader

    return difference_for_reader(desk.reader(client), insight, runs, _question(desk, client, insight, rows))


def _question(desk: Desk, client: str, insight: str, rows: int) -> "Question":
    """What the client's agreement lets it ask; entities only where it may read the whole key."""
    from insightshare.quality.difference import Question
    from insightshare.quality.drift import subject

    contract = desk.project.insights[insight]
    grants = [grant for grant in desk.known_client(client).grants if grant.insight == insight]
    readable = set(grants[0].columns_of(contract)) if grants else set(contract.types)
    rules = contract.pipeline.drift
    rules = replace(rules, columns=tuple(name for name in rules.columns if name in readable))
    what = subject(contract, rules, {})
    what = what if set(contract.key) <= readable else replace(what, key=())
    shown = tuple(name for name in contract.types if name in readable and name not in contract.key)
    return Question(what, shown, rows, rules)


def _print(found: "Difference", runs: tuple[str, str], rows: int) -> None:
    drift = found.drift
    click.echo(f"before  {runs[0]}  {drift.rows_before:,} rows\nafter   {runs[1]}  {drift.rows:,} rows")
    if drift.stayed is not None:
        click.echo(f"entities: {drift.came:,} came, {drift.went:,} went, {drift.stayed:,} in both")
    measures = [
        {"measure": m.measure, "column": m.column or None, "value": m.value, "level": m.level} for m in drift.measures
    ]
    print_rows(measures, False, _MEASURES)
    for column in dict.fromkeys(move.column for move in drift.moves):
        print_rows(_matrix(column, [move for move in drift.moves if move.column == column]), False)
    if rows:
        print_rows([_changed(row) for row in found.rows], False, ("what",))


def _matrix(column: str, moves: "list[Move]") -> list[dict[str, Any]]:
    """One line per value before, one column per value after."""
    labels = list(dict.fromkeys([*(move.before for move in moves), *(move.after for move in moves)]))
    counts = {(move.before, move.after): move.entities for move in moves}
    return [{f"{column} from": b, **{f"to {a}": counts.get((b, a), 0) for a in labels}} for b in labels]


def _changed(row: "ChangedRow") -> Mapping[str, Any]:
    changes = ", ".join(f"{name} {before} → {after}" for name, (before, after) in row.changes.items())
    return {"what": row.what, **{name: str(value) for name, value in row.key.items()}, "changes": changes}


COMMANDS = (diff_command,)
