"""How a model is kept: two objects per version and a pointer to the champion. Trains and scores nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from insightshare.errors import Conflict, NotFound, PlatformError
from insightshare.model.lightgbm import TrainedModel, encodings_from_json

FORMAT = 1
MAX_MODEL_BYTES = 256 * 1024 * 1024


class ModelStorage(Protocol):
    """What keeping models needs of the lake bucket."""

    def create(self, key: str, body: bytes) -> bool:
        """Write a new object; return False, having changed nothing, if the key exists."""

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        """Return the object, or None."""

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return the object and its entity tag, or None."""

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        """Write the object if it still has `tag` (None: if it is not there); return False if not."""


@dataclass(frozen=True)
class StoredModel:
    """A model with its version and the quality measured on its held-out rows."""

    version: str
    model: TrainedModel
    quality: Mapping[str, float]


def save_model(storage: ModelStorage, insight: str, stored: StoredModel, made_from: Mapping[str, object]) -> None:
    """Keep a version, the text first and its description last; saving it again mends what was changed meanwhile.

    Raises Conflict where somebody else writes the same version at the same time.
    """
    folder = model_folder(insight, stored.version)
    _put(storage, f"{folder}model.txt", stored.model.text.encode())
    description = {
        "format": FORMAT,
        "version": stored.version,
        "kind": "lightgbm",
        "sha256": stored.model.sha256,
        "encodings": json.loads(stored.model.encodings_json()),
        "quality": dict(stored.quality),
        "made_from": dict(made_from),
    }
    _put(storage, f"{folder}model.json", json.dumps(description, indent=1, sort_keys=True).encode())


def load_champion(storage: ModelStorage, insight: str) -> StoredModel:
    """Return the model in use.

    Raises NotFound where none was promoted, PlatformError where the text is not the one that was described.
    """
    pointer = storage.read(champion_key(insight), MAX_MODEL_BYTES)
    if pointer is None:
        raise NotFound.at(insight, "model", "nothing", "a champion", "train it: insightshare job train, then score")
    version = str(json.loads(pointer)["version"])
    folder = model_folder(insight, version)
    description = storage.read(f"{folder}model.json", MAX_MODEL_BYTES)
    text = storage.read(f"{folder}model.txt", MAX_MODEL_BYTES)
    if description is None or text is None:
        raise PlatformError.at(folder, "files", "incomplete", "model.json and model.txt", "train the model again")
    described = json.loads(description)
    model = TrainedModel(text.decode(), encodings_from_json(described["encodings"]))
    if model.sha256 != described["sha256"]:
        fix = "find out who changed it, then train the model again"
        raise PlatformError.at(f"{folder}model.txt", "sha256", "another digest", "the one in model.json", fix)
    return StoredModel(version, model, described["quality"])


def promote(storage: ModelStorage, insight: str, version: str) -> None:
    """Make `version` the champion; raises Conflict where somebody else moved the pointer in between."""
    current = storage.read_tagged(champion_key(insight))
    body = json.dumps({"version": version}).encode()
    if not storage.replace(champion_key(insight), body, current[1] if current else None):
        raise Conflict.at(champion_key(insight), "champion", "moved by somebody else", "as it was read", "train again")


def _put(storage: ModelStorage, key: str, body: bytes) -> None:
    if storage.create(key, body):
        return
    current = storage.read_tagged(key)
    if (current is None or current[0] != body) and not storage.replace(key, body, current[1] if current else None):
        raise Conflict.at(key, "model", "written by somebody else", "as it was read", "train again")


def model_folder(insight: str, version: str) -> str:
    """Return the folder of one version."""
    return f"models/{insight}/{version}/"


def champion_key(insight: str) -> str:
    """Return the key of the pointer to the version in use."""
    return f"models/{insight}/champion.json"
