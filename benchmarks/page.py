"""`docs/benchmarks.md` and its charts, made of the results. Measures and judges nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.chart import Bar, bar_chart, number
from benchmarks.facts import Benchmark, Chart, Column
from benchmarks.goals import Outcome
from benchmarks.measure import Measured
from benchmarks.results import GroupResult, Results

CHARTS = "benchmarks"
HEAD = """# Benchmarks

<!-- Written by `python -m benchmarks`: change what it measures in benchmarks/, or why a goal is missed in benchmarks/reasons.yaml. -->

Seconds are the median of the runs, of whole processes from start to end, by the clock.
Processor seconds are of all cores together, of the run with the median time; where Spark works they leave out its Java process.
MiB is the most memory that the process and all that it started held at once, in any of the runs.
What stands beside each other was measured in turn, within the same minutes.
`make bench` measures everything; the command of a row measures its group.
The rows are made up, from the distributions of a public sample of telephone customers, and the same on every machine.
"""  # noqa: E501 - one line of HTML comment


def write_page(folder: Path, results: Results, benchmarks: Sequence[Benchmark], outcomes: Sequence[Outcome]) -> None:
    """Write the page and its charts into a folder."""
    (folder / CHARTS).mkdir(parents=True, exist_ok=True)
    sections = [HEAD, *_machine(results), *_goals(outcomes)]
    for benchmark in benchmarks:
        groups = _groups(results, benchmark)
        if not groups:
            continue
        sections += [f"## {benchmark.title}\n", benchmark.says.replace(". ", ".\n") + "\n"]
        for chart in benchmark.charts:
            name = f"{CHARTS}/{benchmark.name}-{chart.name}.svg"
            (folder / name).write_text(_chart(chart, benchmark, groups))
            sections.append(f"![{benchmark.title}: {chart.title}]({name})\n")
        sections += [_table(benchmark, key, group) for key, group in groups]
    (folder / "benchmarks.md").write_text("\n".join(sections))


def _machine(results: Results) -> Iterator[str]:
    facts = results.machine
    yield (
        f"Machine: {facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}.\n"
        f"Ours: {_listed(results.versions['ours'])}.\nPeers: {_listed(results.versions['peers'])}.\n"
    )


def _goals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    lines = ["## Goals\n", "| goal | wanted | found | |", "|---|---|---|---|"]
    for outcome in outcomes:
        goal = outcome.goal
        wanted = f"{'at least' if goal.at_least else 'at most'} {goal.bound:,g}{goal.unit}"
        if outcome.found is None:
            lines.append(f"| {goal.sentence} | {wanted} | | not measured |")
            continue
        found = f"{number(outcome.found, '')}{goal.unit}"
        verdict = "met" if outcome.met else f"**missed**: {outcome.reason or 'nobody has said why'}"
        lines.append(f"| {goal.sentence} | {wanted} | {found} | {verdict} |")
    yield "\n".join(lines) + "\n"


def _table(benchmark: Benchmark, key: str, group: GroupResult) -> str:
    cases = list(group.cases.values())
    columns = [*(_process_columns(cases) if benchmark.shows_process else ()), *benchmark.columns]
    columns = [column for column in columns if any(column.text(found) for _, found in cases)]
    titles = ["", *(column.title for column in columns), "runs", "command"]
    lines = [f"### {benchmark.title}: {group.title}\n", _row(titles), _row(["---"] * len(titles))]
    for title, found in cases:
        shown = [column.text(found) for column in columns]
        lines.append(_row([title, *shown, str(len(found.runs)), f"`{found.command}`"]))
    return "\n".join([*lines, "", f"Measured {group.at_utc} at {group.commit}, load before {group.load:g}.\n"])


def _process_columns(cases: Sequence[tuple[str, Measured]]) -> tuple[Column, ...]:
    title, first = cases[0]
    return (
        Column("seconds", lambda found: f"{found.seconds:.2f}"),
        Column(f"/ {title}", lambda found: f"{found.seconds / first.seconds:.2f}"),
        Column("processor s", lambda found: f"{found.middle.processor_seconds:.2f}"),
        Column("MiB", lambda found: f"{found.peak_mib:,.0f}"),
    )


def _chart(chart: Chart, benchmark: Benchmark, groups: Sequence[tuple[str, GroupResult]]) -> str:
    bars = [
        (group.title, [
            Bar(title, _kind(case), value)
            for case, (title, found) in group.cases.items()
            if (value := chart.value(found)) is not None
        ])
        for _, group in groups
    ]  # fmt: skip
    return bar_chart(f"{benchmark.title}: {chart.title}", chart.unit, bars)


def _kind(case: str) -> str:
    """Whose a case is: the id says so."""
    if case in ("peer", "pandas", "spark"):
        return "peer"
    return "floor" if case in ("floor", "unsorted") else "ours"


def _groups(results: Results, benchmark: Benchmark) -> list[tuple[str, GroupResult]]:
    """The benchmark's groups, smallest first within a place."""
    found = [(key, group) for key, group in results.groups.items() if key.partition(":")[0] == benchmark.name]
    return sorted(found, key=lambda item: [part.zfill(12) for part in item[0].split("-")])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
