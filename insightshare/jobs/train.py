"""Trains the model of an insight and makes it the champion if it passes its gates. Scores nothing that is published."""

from athenasql import to_duckdb
from insightshare.contract.facts import Insight, Model
from insightshare.contract.queries import typed_features
from insightshare.errors import DataInvalid, UsageError
from insightshare.jobs.inputs import add_inputs, chosen_insight, input_snapshots
from insightshare.jobs.workplace import Workplace
from insightshare.model.evaluation import evaluate, missed_gates
from insightshare.model.lightgbm import fit, labels_of
from insightshare.model.split import split
from insightshare.model.storage import StoredModel, promote, save_model


def train_model(place: Workplace, name: str, as_of: str) -> StoredModel:
    """Train, judge and keep a model; return it once it is the champion.

    Raises DataInvalid where it misses a gate: the model is kept for inspection, and the champion stays.
    """
    insight = chosen_insight(place.project, name)
    model = _model_of(insight)
    snapshots = input_snapshots(place.landing, insight, as_of)
    with place.open_engine() as engine:
        add_inputs(place, engine, snapshots)
        sql = to_duckdb(typed_features(insight, place.project.sources, as_of))
        order = ", ".join(f'"{column}"' for column in insight.key)
        features = engine.arrow(f"SELECT * FROM ({sql}) AS features ORDER BY {order}")
    parts = split(features, insight.key, model)
    place.say(
        f"features: {features.num_rows:,} rows; training {parts.training.num_rows:,}, "
        f"validation {parts.validation.num_rows:,}, test {parts.test.num_rows:,}"
    )
    trained = fit(model, parts.training, parts.validation)
    quality = evaluate(trained.scorer().predict(parts.test), labels_of(parts.test, model.label))
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


def _model_of(insight: Insight) -> Model:
    if insight.pipeline.model is None:
        fix = "score it; there is nothing to train"
        raise UsageError.at(f"insight {insight.name}", "kind", insight.pipeline.kind, "model", fix)
    return insight.pipeline.model
