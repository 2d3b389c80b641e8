"""Two runs of an insight compared by an operator, over their files. A client's own comparison is `aws.comparison`."""

from dataclasses import replace

from insightshare.contract.facts import Insight
from insightshare.errors import NotFound
from insightshare.jobs.before import add_run, run_manifest
from insightshare.jobs.workplace import Workplace
from insightshare.publish.manifest import Manifest
from insightshare.quality.difference import Difference, Question, difference
from insightshare.quality.drift import subject
from insightshare.quality.drift_queries import Pair

BEFORE, AFTER = "run_before", "run_after"


def runs_to_compare(place: Workplace, insight: str, as_of: str | None) -> tuple[str, str]:
    """Return the current runs of an as_of (None: the newest) and of the one before it, the earlier first."""
    current = [(p.as_of, p.run_id) for p in place.registry.pointers(insight) if p.run_id]
    known = [run_id for day, run_id in current if as_of is None or day <= as_of]
    if len(known) < 2 or (as_of and current[len(known) - 1][0] != as_of):
        found = f"{len(known)} current {'run' if len(known) == 1 else 'runs'}"
        wanted = f"a run of {as_of} and one before it" if as_of else "runs of two dates"
        raise NotFound.at(insight, "runs", found, wanted, f"take two runs of `insightshare runs {insight}`")
    return known[-2], known[-1]


def operators_difference(place: Workplace, insight: Insight, runs: tuple[str, str], rows: int) -> Difference:
    """Return how the second run differs from the first; of restricted columns no row shows a value."""
    before, after = (_manifest(place, insight.name, run_id) for run_id in runs)
    with place.open_engine("duckdb") as engine:
        types = add_run(place, engine, insight, before, BEFORE)
        later = add_run(place, engine, insight, after, AFTER)
        both = [column for column in insight.columns if column.name in types and column.name in later]
        rules = insight.pipeline.drift
        rules = replace(rules, columns=tuple(column.name for column in both if column.name in rules.columns))
        shown = [c.name for c in both if c.classification != "restricted" and c.name not in insight.key]
        question = Question(subject(insight, rules, {}), tuple(shown), rows, rules)
        return difference(engine, Pair(BEFORE, AFTER, "duckdb"), question)


def _manifest(place: Workplace, insight: str, run_id: str) -> Manifest:
    found = run_manifest(place.lake, insight, run_id)
    if found is None:
        fix = f"take one of `insightshare runs {insight}`"
        raise NotFound.at(insight, "run", repr(run_id), "a run whose files are there", fix)
    return found
