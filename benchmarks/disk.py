"""The lake and the landing zone as folders of one disk, so that publishing is measured without any AWS. No catalog."""

import hashlib
import os
from pathlib import Path

from insightshare.publish.ports import StoredObject


class FolderFiles:
    """A folder as a bucket; implements the port `Files` of `insightshare.jobs` for one process at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def uri(self, key: str) -> str:
        """Return the path of a key: an engine reads it as it reads an address."""
        return str(self._root / key)

    def create(self, key: str, body: bytes) -> bool:
        """Write a new file; return False, having changed nothing, if the key exists."""
        path = self._made(key)
        try:
            with path.open("xb") as file:
                file.write(body)
        except FileExistsError:
            return False
        return True

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        """Return the file's bytes, or None if there is none."""
        path = self._root / key
        return path.read_bytes() if path.exists() else None

    def list(self, folder: str) -> tuple[StoredObject, ...]:
        """Return every file below the folder, in key order."""
        paths = [path for path in (self._root / folder).rglob("*") if path.is_file()]
        return tuple(sorted((self._stored(path) for path in paths), key=lambda found: found.key))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below the folder, in order."""
        return tuple(sorted(path.name for path in (self._root / folder).glob("*") if path.is_dir()))

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return the file's bytes and their digest, or None."""
        path = self._root / key
        return (path.read_bytes(), hashlib.sha256(path.read_bytes()).hexdigest()) if path.exists() else None

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        """Write the file if it still has `tag` (None: if it is not there); return False if not."""
        found = self.read_tagged(key)
        if (found[1] if found else None) != tag:
            return False
        self._made(key).write_bytes(body)
        return True

    def upload(self, path: Path, key: str) -> None:
        """Give a file of the same disk its name in the lake; nothing is copied, and the old name may go."""
        os.link(path, self._made(key))

    def download(self, key: str, path: Path) -> None:
        """Give a file of the lake a second name on the same disk; raises FileNotFoundError where there is none."""
        os.link(self._root / key, path)

    def _made(self, key: str) -> Path:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _stored(self, path: Path) -> StoredObject:
        return StoredObject(path.relative_to(self._root).as_posix(), path.stat().st_size)
