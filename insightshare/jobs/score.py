"""Makes one run of an insight: claim, query, score, write, audit, manifest. Registers nothing: the manifest is read."""

from dataclasses import dataclass

import pyarrow as pa

from athenasql import to_duckdb
from insightshare.contract.facts import AS_OF, FEATURES_TABLE, PREDICTION_COLUMN, PREDICTIONS_TABLE, Insight
from insightshare.contract.queries import typed_features, typed_score
from insightshare.engine.duckdb import NAME, DuckDb
from insightshare.errors import DataInvalid
from insightshare.jobs.inputs import add_inputs, chosen_insight, input_snapshots
from insightshare.jobs.land import FILE_NAME, file_sha256
from insightshare.jobs.snapshots import Snapshot
from insightshare.jobs.workplace import Workplace
from insightshare.model.lightgbm import Scorer
from insightshare.model.storage import StoredModel, load_champion
from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.facts import Claim
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import File, Input, Lineage, Manifest
from insightshare.publish.manifest import Model as LineageModel
from insightshare.quality.audit import audit
from insightshare.quality.verdict import Verdict

RUN_TABLE = "run"


@dataclass(frozen=True)
class _Ingredients:
    """What a run is made from."""

    insight: Insight
    as_of: str
    snapshots: tuple[Snapshot, ...]
    champion: StoredModel | None


def score_insight(place: Workplace, name: str, as_of: str) -> Manifest:
    """Make a run and write its manifest, which is returned.

    Raises DataInvalid where the gate rejects the run; its manifest is written all the same, and readers see no change.
    """
    insight = chosen_insight(place.project, name)
    new = claim(place.registry, name, as_of, place.job_run_id)
    champion = load_champion(place.lake, name) if insight.pipeline.model else None
    made_from = _Ingredients(insight, as_of, input_snapshots(place.landing, insight, as_of), champion)
    file, verdict = _written_and_audited(place, made_from, new)
    manifest = Manifest(
        claim=new,
        files=(file,),
        passed=verdict.passed,
        checks=tuple(check.to_json() for check in verdict.checks),
        lineage=_lineage(place, made_from),
        profile=dict(verdict.profile),
    )
    write_manifest(place.lake, place.registry, manifest)
    place.say(f"run {new.run_id} of {name} {as_of}: {file.rows:,} rows; {verdict.summary()}")
    if not verdict.passed:
        fix = "mend the data or the pipeline and score again; readers still see the run before"
        raise DataInvalid.at(f"run {new.run_id}", name, f"[{verdict.summary()}]", "a run that may be shown", fix)
    return manifest


def _written_and_audited(place: Workplace, made_from: _Ingredients, new: Claim) -> tuple[File, Verdict]:
    """Write the run's one file, audit exactly that file, then put it into the run's folder."""
    insight = made_from.insight
    path = place.scratch / FILE_NAME
    with place.open_engine() as engine:
        add_inputs(place, engine, made_from.snapshots)
        sql = _scored(place, engine, made_from)
        # Files carry as_of as a column too, so that a file says by itself what it is about.
        dated = f"SELECT *, '{made_from.as_of}' AS {AS_OF} FROM ({sql}) AS scored"
        written = engine.write_sorted(dated, {**insight.types, AS_OF: "string"}, insight.order_by, path)
        found = engine.found_types([str(path)], {**insight.types, AS_OF: "string"})
        engine.add_files(RUN_TABLE, [str(path)], insight.types)
        verdict = audit(engine, RUN_TABLE, insight, {name: kind for name, kind in found.items() if name != AS_OF})
    place.lake.upload(path, run_folder(insight.name, new.run_id) + FILE_NAME)
    return File(FILE_NAME, path.stat().st_size, written.rows, file_sha256(path)), verdict


def _scored(place: Workplace, engine: DuckDb, made_from: _Ingredients) -> str:
    """Return the SQL that yields the contract's columns; features and predictions are tables by then."""
    insight, sources = made_from.insight, place.project.sources
    if made_from.champion:
        engine.save_query(FEATURES_TABLE, to_duckdb(typed_features(insight, sources, made_from.as_of)))
        count = engine.row(f"SELECT COUNT(*) AS rows FROM {FEATURES_TABLE}")["rows"]
        place.say(f"features: {count:,} rows, scored by {made_from.champion.version}")
        scorer = made_from.champion.model.scorer()
        engine.add_arrow(PREDICTIONS_TABLE, _predictions(engine, scorer, insight.key))
    return to_duckdb(typed_score(insight, sources, made_from.as_of))


def _predictions(engine: DuckDb, scorer: Scorer, key: tuple[str, ...]) -> pa.Table:
    """One row per row of features: its key, and the model's prediction; batch by batch."""
    batches = [
        pa.table({**{name: batch.column(name) for name in key}, PREDICTION_COLUMN: pa.array(scorer.predict(batch))})
        for batch in engine.batches(f"SELECT * FROM {FEATURES_TABLE}")
    ]
    if not batches:  # no rows: a table of the right types
        nothing = f"CAST(NULL AS DOUBLE) AS {PREDICTION_COLUMN}"
        return engine.arrow(f"SELECT {', '.join(key)}, {nothing} FROM {FEATURES_TABLE} LIMIT 0")
    return pa.concat_tables(batches)


def _lineage(place: Workplace, made_from: _Ingredients) -> Lineage:
    inputs = tuple(Input(s.source, s.as_of, s.snapshot_id, s.rows) for s in made_from.snapshots)
    champion = made_from.champion
    model = LineageModel(champion.version, dict(champion.quality)) if champion else None
    return Lineage(place.code_version, NAME, inputs, model)
