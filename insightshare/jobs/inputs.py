"""A pipeline's inputs as tables of an engine: the newest snapshot of each that its date may use."""

from collections.abc import Mapping

from insightshare.contract.facts import Insight, Project
from insightshare.engine.duckdb import DuckDb
from insightshare.errors import NotFound
from insightshare.jobs.snapshots import Snapshot, newest_snapshot
from insightshare.jobs.workplace import Files, Workplace


def chosen_insight(project: Project, name: str) -> Insight:
    """Return the insight of that name; raises NotFound naming the choices."""
    if name not in project.insights:
        choices = ", ".join(project.insights)
        raise NotFound.at("job", "insight", repr(name), f"one of {choices}", "name a folder of insights/")
    return project.insights[name]


def input_snapshots(landing: Files, insight: Insight, as_of: str) -> tuple[Snapshot, ...]:
    """Return one snapshot per input of the pipeline."""
    return tuple(newest_snapshot(landing, name, as_of) for name in insight.pipeline.inputs)


def add_inputs(place: Workplace, engine: DuckDb, snapshots: tuple[Snapshot, ...]) -> None:
    """Make each snapshot a table of the engine, named like its source."""
    types: Mapping[str, Mapping[str, str]] = {name: source.types for name, source in place.project.sources.items()}
    for snapshot in snapshots:
        paths = [place.landing.uri(file.key) for file in snapshot.files]
        engine.add_files(snapshot.source, paths, types[snapshot.source])
        place.say(f"read {snapshot.source} of {snapshot.as_of}: {snapshot.rows:,} rows")
