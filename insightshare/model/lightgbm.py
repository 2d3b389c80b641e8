"""LightGBM behind the model protocol: fit on Arrow, predict a batch, text in and out. Never pickles."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insightshare.contract.facts import Model
from insightshare.errors import DataInvalid, PlatformError

if TYPE_CHECKING:
    import lightgbm as lgb  # half a second: imported where a model is fitted or loaded, as most jobs have none

THREADS = 2  # fixed, because the sum of floats depends on how it is split
EARLY_STOPPING_ROUNDS = 30

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Encoding:
    """How a feature becomes a number: as it is, or by its place among `categories` (text features)."""

    name: str
    categories: tuple[str, ...] | None = None

    def encode(self, column: pa.ChunkedArray | pa.Array) -> Floats:
        """Return one float per row; NaN for null and for a category that was not there in training."""
        if self.categories is None:
            return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        places = pc.index_in(column.cast(pa.string()), value_set=pa.array(self.categories, pa.string()))
        return np.asarray(places.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


@dataclass(frozen=True)
class TrainedModel:
    """A model that can score: LightGBM's own text, and how each feature is encoded, in order."""

    text: str
    encodings: tuple[Encoding, ...]

    @property
    def sha256(self) -> str:
        """The digest of the text: what a model file is checked against when it is loaded."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def scorer(self) -> "Scorer":
        """Return the model ready to score; parses the text once."""
        import lightgbm as lgb

        return Scorer(lgb.Booster(model_str=self.text), self.encodings)

    def encodings_json(self) -> str:
        """Return the encodings as JSON."""
        return json.dumps([vars(encoding) for encoding in self.encodings])


def encodings_from_json(items: Sequence[Mapping[str, Any]]) -> tuple[Encoding, ...]:
    """Return the encodings that `encodings_json` wrote."""
    return tuple(
        Encoding(item["name"], None if item["categories"] is None else tuple(item["categories"])) for item in items
    )


@dataclass(frozen=True)
class Scorer:
    """A loaded model."""

    booster: "lgb.Booster"
    encodings: tuple[Encoding, ...]

    def predict(self, batch: pa.RecordBatch | pa.Table) -> Floats:
        """Return one probability per row; raises PlatformError where features that the model learnt from are gone."""
        missing = [encoding.name for encoding in self.encodings if encoding.name not in batch.schema.names]
        if missing:
            fix = "train the model again: features.sql has changed since"
            raise PlatformError.at("features", ", ".join(missing), "missing", "a feature of the champion", fix)
        scores = self.booster.predict(_matrix(batch, self.encodings), num_threads=THREADS)
        return np.asarray(scores, dtype=np.float64)


def fit(model: Model, training: pa.Table, validation: pa.Table) -> TrainedModel:
    """Return a model trained on `training` and stopped early by `validation`; the same for the same rows in order.

    Raises DataInvalid where the label has a null or only one value: there would be nothing to learn.
    """
    import lightgbm as lgb

    label = labels_of(training, model.label)
    encodings = tuple(_encoding(training, name) for name in model.features)
    categorical = [place for place, encoding in enumerate(encodings) if encoding.categories is not None]
    data = lgb.Dataset(_matrix(training, encodings), label, categorical_feature=categorical, free_raw_data=False)
    held = lgb.Dataset(_matrix(validation, encodings), labels_of(validation, model.label), reference=data)
    booster = lgb.train(
        {
            **model.parameters,
            "objective": "binary",
            "metric": "binary_logloss",
            "seed": model.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": THREADS,
            "verbosity": -1,
        },
        data,
        num_boost_round=model.rounds,
        valid_sets=[held],
        callbacks=[lgb.early_stopping(EARLY_STOPPING_ROUNDS, verbose=False)],
    )
    return TrainedModel(booster.model_to_string(num_iteration=booster.best_iteration), encodings)


def _encoding(table: pa.Table, name: str) -> Encoding:
    kind = table.schema.field(name).type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return Encoding(name)
    return Encoding(name, tuple(sorted(value for value in pc.unique(table[name]).to_pylist() if value is not None)))


def _matrix(table: pa.RecordBatch | pa.Table, encodings: Sequence[Encoding]) -> Floats:
    return np.column_stack([encoding.encode(table.column(encoding.name)) for encoding in encodings])


def labels_of(table: pa.Table, name: str) -> Floats:
    """Return the label as 0 or 1 per row; raises DataInvalid where it has a null or a single value."""
    column = table[name]
    if column.null_count or len(pc.unique(column)) != 2:
        fix = "look at the source that the label comes from"
        raise DataInvalid.at("features", name, "a label with nulls or a single value", "two values", fix)
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
