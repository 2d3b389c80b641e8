"""A model as a function over record batches that any engine can call, on this machine or another. Trains nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from insightshare.model.lightgbm import TrainedModel


@dataclass(frozen=True)
class Scoring:
    """From batches of features to batches of their key and `prediction`. Travels as the model's text, never as pickle
    of a model: each machine reads the text once for all batches that it gets."""

    model: TrainedModel
    key: tuple[str, ...]
    prediction: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield one batch per batch, row for row."""
        scorer = self.model.scorer()
        for batch in batches:
            columns = [*(batch.column(name) for name in self.key), pa.array(scorer.predict(batch), pa.float64())]
            yield pa.RecordBatch.from_arrays(columns, names=[*self.key, self.prediction])
