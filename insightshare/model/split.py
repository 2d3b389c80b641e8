"""Which rows a model learns from, is stopped by, and is judged on. A row's part never changes between runs."""

import hashlib
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pyarrow as pa

from insightshare.contract.facts import Model

_PARTS_PER_UNIT = 10_000
VALIDATION_SHARE = 0.2  # of the rows that are not held out


class Part(Enum):
    """What a row is used for."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True)
class Split:
    """The three parts of a table of features; no key is in two of them."""

    training: pa.Table
    validation: pa.Table
    test: pa.Table


def part_of(key: str, model: Model) -> Part:
    """Return what the row with this key is used for: a share by the hash of seed and key."""
    place = int(hashlib.sha256(f"{model.seed}:{key}".encode()).hexdigest()[:8], 16) % _PARTS_PER_UNIT
    held_out = model.holdout_share * _PARTS_PER_UNIT
    if place < held_out:
        return Part.TEST
    return Part.VALIDATION if place < held_out + VALIDATION_SHARE * (_PARTS_PER_UNIT - held_out) else Part.TRAINING


def split(features: pa.Table, key: tuple[str, ...], model: Model) -> Split:
    """Return the three parts of `features`, each in the order of the table."""
    keys = zip(*(features[name].to_pylist() for name in key), strict=True)
    parts = np.array([part_of("|".join(map(str, row)), model).value for row in keys])
    training, validation, test = (features.filter(pa.array(parts == part.value)) for part in Part)
    return Split(training, validation, test)
