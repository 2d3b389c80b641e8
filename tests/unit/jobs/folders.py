"""A bucket that is a folder: what jobs and models need of one, with the same conditions."""

import hashlib
import shutil
from pathlib import Path

from insightshare.errors import NotFound
from insightshare.publish.ports import StoredObject


class FolderFiles:
    """One bucket; an object's entity tag is the digest of its bytes, as S3's is for small objects."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def uri(self, key: str) -> str:
        return str(self._root / key)

    def create(self, key: str, body: bytes) -> bool:
        path = self._root / key
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return True

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        path = self._root / key
        return path.read_bytes() if path.is_file() and path.stat().st_size <= limit_bytes else None

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        body = self.read(key, 2**40)
        return None if body is None else (body, hashlib.md5(body, usedforsecurity=False).hexdigest())

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        current = self.read_tagged(key)
        if (current[1] if current else None) != tag:
            return False
        (self._root / key).unlink(missing_ok=True)
        return self.create(key, body)

    def list(self, folder: str) -> tuple[StoredObject, ...]:
        files = sorted(path for path in self._root.rglob("*") if path.is_file())
        keyed = [(path.relative_to(self._root).as_posix(), path) for path in files]
        return tuple(StoredObject(key, path.stat().st_size) for key, path in keyed if key.startswith(folder))

    def folders(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted({item.key.removeprefix(folder).split("/")[0] for item in self.list(folder)}))

    def upload(self, path: Path, key: str) -> None:
        (self._root / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, self._root / key)

    def download(self, key: str, path: Path) -> None:
        if not (self._root / key).is_file():
            raise NotFound.at(key, "object", "nothing", "a file", "land the source again")
        shutil.copyfile(self._root / key, path)
