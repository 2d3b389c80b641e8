"""A pipeline's inputs as tables of an engine: of each the snapshot that its date may use, byte for byte."""

from insightshare.contract.facts import Insight, Project
from insightshare.engine.facts import Engine
from insightshare.errors import NotFound, PlatformError
from insightshare.jobs.snapshots import Snapshot, newest_snapshot, snapshot_of
from insightshare.jobs.workplace import Files, Workplace


def chosen_insight(project: Project, name: str) -> Insight:
    """Return the insight of that name; raises NotFound naming the choices."""
    if name not in project.insights:
        choices = ", ".join(project.insights)
        raise NotFound.at("job", "insight", repr(name), f"one of {choices}", "name a folder of insights/")
    return project.insights[name]


def input_snapshots(landing: Files, insight: Insight, as_of: str) -> tuple[Snapshot, ...]:
    """Return one snapshot per input of the pipeline: of `as_of` itself where it says so, else the newest not after."""
    same_day = insight.pipeline.same_day_inputs
    return tuple(
        (snapshot_of if name in same_day else newest_snapshot)(landing, name, as_of) for name in insight.pipeline.inputs
    )


def add_inputs(place: Workplace, engine: Engine, snapshots: tuple[Snapshot, ...]) -> None:
    """Make each snapshot a table of the engine, named like its source.

    Raises PlatformError where a file is no longer the one that was landed.
    """
    for snapshot in snapshots:
        paths = [fetched(place, engine, place.landing, file.key, file.sha256) for file in snapshot.files]
        engine.add_files(snapshot.source, paths, place.project.sources[snapshot.source].types)
        place.say(f"read {snapshot.source} of {snapshot.as_of}: {snapshot.rows:,} rows")


def fetched(place: Workplace, engine: Engine, bucket: Files, key: str, sha256: str) -> str:
    """Return where the engine reads a file: in S3 if other machines read it, else this machine's own copy of it.

    Raises PlatformError where its bytes are not those with this digest.
    """
    path = bucket.uri(key)
    if not engine.distributed:
        local = place.scratch / "fetched" / key
        local.parent.mkdir(parents=True, exist_ok=True)
        bucket.download(key, local)
        path = str(local)
    if engine.sha256(path) != sha256:
        fix = "find out who changed it, then land or score it again"
        raise PlatformError.at(bucket.uri(key), "sha256", "another digest", "the one on record", fix)
    return path
