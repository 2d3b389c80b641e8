"""`python -m benchmarks [NAME[:GROUP] ...]`: measures what is named, or everything, and writes docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.facts import Benchmark, Case, Group
from benchmarks.gate import GATE
from benchmarks.goals import outcomes, read_reasons
from benchmarks.machine import commit, load, machine, versions
from benchmarks.measure import Measured, Run, in_turn, measure
from benchmarks.page import write_page
from benchmarks.publish import PUBLISH
from benchmarks.queryable import QUERYABLE
from benchmarks.results import GroupResult, read_results
from benchmarks.scanned import SCANNED
from benchmarks.spark import SPARK
from benchmarks.workshop import PEER_PYTHON, ROOT, Workshop, open_workshop
from insightshare.errors import InsightshareError, UsageError

BENCHMARKS = (PUBLISH, GATE, QUERYABLE, SCANNED, SPARK)


def main(words: Sequence[str]) -> int:
    """Measure and write; return 1 where a goal is missed and nobody has said why."""
    arguments = _arguments(words)
    if not arguments.ours and not PEER_PYTHON.exists():
        fix = "run make .venv-peers/.done, or pass --ours"
        raise UsageError.at("benchmarks", str(PEER_PYTHON), "nothing", "the peers' Python", fix)
    arguments.to.mkdir(parents=True, exist_ok=True)
    kept = arguments.to / "benchmarks.json"
    if arguments.fresh:
        kept.unlink(missing_ok=True)
    results = read_results(kept, machine(), versions(not arguments.ours))
    with open_workshop(not arguments.ours) as shop:
        for key, benchmark, group in _wanted(arguments.names, arguments.quick, arguments.rows):
            if arguments.resume and key in results.groups:
                continue
            results = results.added(key, _measured(shop, key, benchmark, group, arguments.runs or group.runs))
            results.write(kept)  # group by group: what is measured stays, whatever comes
    judged = outcomes(results, read_reasons())
    write_page(arguments.to, results, BENCHMARKS, judged)
    unexplained = [outcome.goal.id for outcome in judged if outcome.found and not outcome.met and not outcome.reason]
    for name in unexplained:
        print(f"goal {name}: missed without a reason. Fix: write it into benchmarks/reasons.yaml.")
    return 1 if unexplained and not arguments.quick else 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(benchmark.name for benchmark in BENCHMARKS)
    parser.add_argument("names", nargs="*", help=f"of {names}; with :GROUP (or how it begins) for a part of one")
    parser.add_argument("--rows", type=int, help="only groups of so many rows")
    parser.add_argument("--runs", type=int, help="so many runs of each, instead of the group's own number")
    parser.add_argument("--quick", action="store_true", help="few rows, once: whether it runs, not how fast")
    parser.add_argument("--ours", action="store_true", help="leave the peers out, and do without their Python")
    parser.add_argument("--resume", action="store_true", help="leave out what the results hold already")
    parser.add_argument("--fresh", action="store_true", help="forget the results that are there")
    parser.add_argument("--to", type=Path, default=ROOT / "docs", help="folder of the results (default: docs)")
    arguments = parser.parse_args(words)
    known = {benchmark.name for benchmark in BENCHMARKS}
    for name in arguments.names:
        if name.partition(":")[0] not in known:
            parser.error(f"{name} is not one of {names}")
    return arguments


def _wanted(names: Sequence[str], quick: bool, rows: int | None) -> Iterator[tuple[str, Benchmark, Group]]:
    for benchmark in BENCHMARKS:
        for group in benchmark.groups(quick):
            key = f"{benchmark.name}:{group.id}"
            named = not names or any(key == name or key.startswith(name.rstrip(":") + ":") for name in names)
            begun = any(":" in name and key.startswith(name) for name in names)
            if (named or begun) and (rows is None or str(rows) in group.id.split("-")):
                yield key, benchmark, group


def _measured(shop: Workshop, key: str, benchmark: Benchmark, group: Group, times: int) -> GroupResult:
    print(f"{benchmark.title}: {group.title}", flush=True)
    with group.stage(shop) as staged:
        cases = [case for case in staged if shop.with_peers or not case.is_peer]
        busy = load()
        runs = in_turn(times, [partial(_once, shop, case) for case in cases])
    command = f"python -m benchmarks {key}"
    found = {case.id: (case.title, Measured(command, tuple(own))) for case, own in zip(cases, runs, strict=True)}
    for title, measured in found.values():
        print(f"  {measured.seconds:8.2f} s {measured.peak_mib:8,.0f} MiB  {title}", flush=True)
    return GroupResult(group.title, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit(), busy, found)


def _once(shop: Workshop, case: Case) -> Run:
    case.before()
    return measure(case.argv, shop.folder, case.environment)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InsightshareError as error:
        sys.exit(str(error))
