"""Makes one run of an insight: claim, query, score, write, audit, manifest. Registers nothing: the manifest is read."""

from dataclasses import dataclass

from insightshare.contract.facts import FEATURES_TABLE, PREDICTION_COLUMN, PREDICTIONS_TABLE, Insight
from insightshare.contract.queries import scored_tables, typed_features, typed_score
from insightshare.engine.facts import Engine, EngineName
from insightshare.jobs.inputs import add_inputs, chosen_insight, input_snapshots
from insightshare.jobs.judged import judged, published
from insightshare.jobs.snapshots import Snapshot
from insightshare.jobs.workplace import Workplace
from insightshare.model.scoring import Scoring
from insightshare.model.storage import StoredModel, load_champion
from insightshare.publish.claims import claim
from insightshare.publish.manifest import Input, Lineage, Manifest
from insightshare.publish.manifest import Model as LineageModel


@dataclass(frozen=True)
class _Ingredients:
    """What a run is made from."""

    insight: Insight
    as_of: str
    snapshots: tuple[Snapshot, ...]
    champion: StoredModel | None


def score_insight(place: Workplace, name: str, as_of: str, engine_name: EngineName | None = None) -> Manifest:
    """Make a run and write its manifest, which is returned; with the pipeline's engine unless another is named.

    Raises DataInvalid where the gate rejects the run; its manifest is written all the same, and readers see no change.
    """
    insight = chosen_insight(place.project, name)
    new = claim(place.registry, name, as_of, place.job_run_id)
    champion = load_champion(place.lake, name) if insight.pipeline.model else None
    made_from = _Ingredients(insight, as_of, input_snapshots(place.landing, insight, as_of), champion)
    with place.open_engine(engine_name or insight.pipeline.engine) as engine:
        add_inputs(place, engine, made_from.snapshots)
        run = judged(place, engine, insight, new, _scored(place, engine, made_from))
        return published(place, insight, run, _lineage(place, engine, made_from))


def _scored(place: Workplace, engine: Engine, made_from: _Ingredients) -> str:
    """Return the SQL that yields the contract's columns; features and predictions are tables by then."""
    insight, sources = made_from.insight, place.project.sources
    if made_from.champion:
        features = typed_features(insight, sources, made_from.as_of)
        engine.save_query(FEATURES_TABLE, engine.sql(features))
        types = scored_tables(insight, dict(features.output))[PREDICTIONS_TABLE]
        scoring = Scoring(made_from.champion.model, insight.key, PREDICTION_COLUMN)
        engine.map_batches(PREDICTIONS_TABLE, FEATURES_TABLE, scoring, types)
        count = engine.row(f"SELECT COUNT(*) AS n FROM {FEATURES_TABLE}")["n"]
        place.say(f"features: {count:,} rows, scored by {made_from.champion.version}")
    return engine.sql(typed_score(insight, sources, made_from.as_of))


def _lineage(place: Workplace, engine: Engine, made_from: _Ingredients) -> Lineage:
    inputs = tuple(Input(s.source, s.as_of, s.snapshot_id, s.rows) for s in made_from.snapshots)
    champion = made_from.champion
    model = LineageModel(champion.version, dict(champion.quality)) if champion else None
    return Lineage(place.code_version, engine.name, inputs, model)
