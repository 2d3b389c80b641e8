"""Trains the model of an insight and makes it the champion if it passes its gates. Scores nothing that is published."""

import pyarrow as pa

from insightshare.contract.facts import FEATURES_TABLE, Insight, Model, Source
from insightshare.contract.queries import typed_features
from insightshare.engine.facts import Engine, EngineName
from insightshare.errors import DataInvalid, UsageError
from insightshare.jobs.inputs import add_inputs, chosen_insight, input_snapshots
from insightshare.jobs.snapshots import Snapshot
from insightshare.jobs.workplace import Workplace
from insightshare.model.evaluation import evaluate, missed_gates
from insightshare.model.fairness import fairness
from insightshare.model.lightgbm import TrainedModel, fit, labels_of
from insightshare.model.split import Split, split
from insightshare.model.storage import StoredModel, promote, save_model

ENGINE: EngineName = "duckdb"  # whatever scores: a model is fitted on one machine, and the engines' features are equal


def train_model(place: Workplace, name: str, as_of: str) -> StoredModel:
    """Train, judge and keep a model; return it once it is the champion.

    Raises DataInvalid where it misses a gate: the model is kept for inspection, and the champion stays.
    """
    insight = chosen_insight(place.project, name)
    model = _model_of(insight)
    snapshots = input_snapshots(place.landing, insight, as_of)
    features, attributes = _features_and_attributes(place, insight, snapshots, as_of)
    parts = split(features, insight.key, model)
    place.say(
        f"features: {features.num_rows:,} rows; training {parts.training.num_rows:,}, "
        f"validation {parts.validation.num_rows:,}, test {parts.test.num_rows:,}"
    )
    trained = fit(model, parts.training, parts.validation)
    people = split(attributes, insight.key, model).test.drop_columns(list(insight.key))
    quality = _judged(trained, model, parts, people)
    place.say("quality on the test rows: " + ", ".join(f"{metric} {value:.4f}" for metric, value in quality.items()))
    stored = StoredModel(f"{as_of}-{trained.sha256[:12]}", trained, quality)
    inputs = {snapshot.source: snapshot.snapshot_id for snapshot in snapshots}
    save_model(place.lake, name, stored, {"as_of": as_of, "code_version": place.code_version, "inputs": inputs})
    missed = missed_gates(model.gates, quality)
    if missed:
        fix = "look at the features and the data; the champion stays as it was"
        raise DataInvalid.at(f"model {name}", "gates", f"[{'; '.join(missed)}]", "a model that passes", fix)
    promote(place.lake, name, stored.version)
    place.say(f"model {name}: {stored.version} is the champion")
    return stored


def _features_and_attributes(
    place: Workplace, insight: Insight, snapshots: tuple[Snapshot, ...], as_of: str
) -> tuple[pa.Table, pa.Table]:
    """Two tables of the same rows, in key order: what the model may know, and the attributes that it may not."""
    with place.open_engine(ENGINE) as engine:
        add_inputs(place, engine, snapshots)
        engine.save_query(FEATURES_TABLE, engine.sql(typed_features(insight, place.project.sources, as_of)))
        order = ", ".join(f'{FEATURES_TABLE}."{column}"' for column in insight.key)
        features = engine.arrow(f"SELECT * FROM {FEATURES_TABLE} ORDER BY {order}")
        sources = [place.project.sources[name] for name in insight.pipeline.inputs]
        return features, _attributes(engine, insight, sources, order)


def _attributes(engine: Engine, insight: Insight, sources: list[Source], order: str) -> pa.Table:
    """The key, and every protected column of the inputs that have the same key as the insight; others say of nobody."""
    columns, joins = [order], []
    for source in (source for source in sources if source.key == insight.key):
        columns += [f'"{source.name}"."{column}"' for column in sorted(source.protected_columns)]
        matched = " AND ".join(f'"{source.name}"."{key}" = {FEATURES_TABLE}."{key}"' for key in insight.key)
        joins.append(f'LEFT JOIN "{source.name}" ON {matched}')
    return engine.arrow(f"SELECT {', '.join(columns)} FROM {FEATURES_TABLE} {' '.join(joins)} ORDER BY {order}")


def _judged(trained: TrainedModel, model: Model, parts: Split, people: pa.Table) -> dict[str, float]:
    scores = trained.scorer().predict(parts.test)
    return {**evaluate(scores, labels_of(parts.test, model.label)), **fairness(scores, people)}


def _model_of(insight: Insight) -> Model:
    if insight.pipeline.model is None:
        fix = "score it; there is nothing to train"
        raise UsageError.at(f"insight {insight.name}", "kind", insight.pipeline.kind, "model", fix)
    return insight.pipeline.model
