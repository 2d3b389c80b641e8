"""Objects of moto's S3, in process: listed and cached as local files for DuckDB, and written for results.

Checks the caller's S3 rights where it is told who calls. Knows no tables.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeKey

from localcloud import s3_access
from localcloud.athena.rights_used import note_result
from localcloud.gateway import AwsError, Caller

_LOCK = threading.Lock()
_FOLDERS: list[Path] = []


@dataclass(frozen=True)
class S3Object:
    """One current object. `size_bytes` is what a reader of the whole object is charged for."""

    bucket: str
    key: str
    etag: str
    version_id: str
    size_bytes: int

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key) of an s3:// address."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise AwsError("InvalidRequestException", "Invalid S3 folder location. Fix: write s3://bucket/prefix/")
    return bucket, key


def bucket_of(name: str) -> Any:
    """moto's bucket in whichever account it is, or None."""
    backends: Any = get_backend("s3")
    owner = backends.bucket_accounts.get(name)
    return backends[owner[1]][owner[0]].buckets.get(name) if owner else None


def visible_objects(location: str) -> list[S3Object]:
    """What Athena reads at a location: all objects below it, except empty ones and those hidden by `_` or `.`."""
    bucket, prefix = split_uri(location)
    prefix = prefix if prefix.endswith("/") or not prefix else prefix + "/"
    held = bucket_of(bucket)
    if held is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    found = []
    for key, item in _items(held):
        below = key.removeprefix(prefix)
        if not key.startswith(prefix) or not isinstance(item, FakeKey) or not item.size:
            continue
        if not any(part.startswith(("_", ".")) for part in below.split("/")):
            found.append(S3Object(bucket, key, item.etag.strip('"'), str(item.version_id), item.size))
    return sorted(found, key=lambda item: item.key)


def _items(bucket: Any) -> list[tuple[str, Any]]:
    while True:
        try:
            return list(bucket.keys.items())
        except RuntimeError:  # somebody wrote while we listed
            continue


def content(item: S3Object) -> bytes:
    """The bytes of an object as it was when it was listed; HIVE_CANNOT_OPEN_SPLIT when it is gone."""
    held = bucket_of(item.bucket)
    for version in held.keys.getlist(item.key, []) if held else []:
        if isinstance(version, FakeKey) and version.etag.strip('"') == item.etag:
            return bytes(version.value)
    raise AwsError("HIVE_CANNOT_OPEN_SPLIT", f"Error opening Hive split {item.uri}: The specified key does not exist.")


def cache_folder() -> Path:
    """The folder that holds nothing but cached objects; gone when the process ends."""
    with _LOCK:
        if not _FOLDERS:
            _FOLDERS.append(Path(tempfile.mkdtemp(prefix="localcloud-athena-")))
            atexit.register(shutil.rmtree, _FOLDERS[0], ignore_errors=True)
        return _FOLDERS[0]


def cached_path(item: S3Object, variant: str = "") -> Path:
    """Where this very content of the object is (to be) kept, or a conversion of it."""
    name = "\0".join((item.bucket, item.key, item.etag, item.version_id, variant))
    return cache_folder() / (hashlib.sha256(name.encode()).hexdigest() + ".parquet")


def fetch(item: S3Object) -> Path:
    """The object as a local file."""
    path = cached_path(item)
    if not path.exists():
        store(path, content(item))
    return path


def store(path: Path, body: bytes) -> None:
    """Write a cached file at once or not at all, so that another query never sees half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(body)
    Path(part.name).replace(path)


def may_read(caller: Caller, item: S3Object) -> bool:
    return s3_access.allows(caller, "GetObject", item.bucket, item.key)


def put(caller: Caller, bucket: str, key: str, body: bytes) -> None:
    """Write an object with the caller's rights, as Athena writes results."""
    s3_access.require(caller, "PutObject", bucket, key)
    held = bucket_of(bucket)
    if held is None:
        raise AwsError("InvalidRequestException", f"Unable to verify/create output bucket {bucket}")
    backend: Any = get_backend("s3")[held.account_id]["aws"]
    backend.put_object(bucket, key, body)
    note_result(caller, "PutObject", bucket, key)
