"""S3 as the lake's storage: create once, read, list; and what takes away, for those who may."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.errors import ManifestRefused, Retryable
from insightshare.publish.ports import StoredObject, StoredVersion

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


MOST_AT_ONCE = 1000  # DeleteObjects takes no more


class S3Storage:
    """One bucket; implements the ports `Storage` and `Lake`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def uri(self, key: str) -> str:
        """Return the `s3://` address of a key or folder."""
        return f"s3://{self._bucket}/{key}"

    def create(self, key: str, body: bytes) -> bool:
        """Write a new object; return False, having changed nothing, if the key exists."""
        with named(self.uri(key)):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
            except ClientError as error:
                if code_of(error) == "PreconditionFailed":
                    return False
                raise
        return True

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        """Return the object, or None if there is none; raise ManifestRefused if it is larger than the limit."""
        with named(self.uri(key)):
            try:
                reply = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise
            with reply["Body"] as body:
                if reply["ContentLength"] > limit_bytes:
                    found, expected = f"{reply['ContentLength']} bytes", f"at most {limit_bytes} bytes"
                    raise ManifestRefused.at(key, "size", found, expected, "find out who wrote it; write a smaller one")
                return body.read()

    def list(self, folder: str) -> tuple[StoredObject, ...]:
        """Return every object whose key begins with the folder, in key order."""
        with named(self.uri(folder)):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
            return tuple(StoredObject(item["Key"], item["Size"]) for page in pages for item in page.get("Contents", ()))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below the folder that hold objects, in order."""
        with named(self.uri(folder)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=folder, Delimiter="/"
            )
            found = [prefix["Prefix"] for page in pages for prefix in page.get("CommonPrefixes", ())]
        return tuple(prefix.removeprefix(folder).rstrip("/") for prefix in found)

    def overwrite(self, key: str, body: bytes) -> None:
        """Write an object whether it exists or not."""
        with named(self.uri(key)):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, or raise Retryable naming one that is still there; their versions stay."""
        self._delete([{"Key": key} for key in keys])

    def versions(self, folder: str) -> tuple[StoredVersion, ...]:
        """Return every version of every object whose key begins with the folder, deleted ones too, in key order."""
        with named(self.uri(folder)):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=folder)
            return tuple(sorted(version for page in pages for version in _versions(page)))

    def delete_versions(self, versions: Sequence[StoredVersion]) -> None:
        """Delete these versions for good, or raise Retryable naming one that is still there."""
        for marks in (False, True):  # without its mark, a deleted object would be back
            chosen = [version for version in versions if version.is_mark is marks]
            self._delete([{"Key": version.key, "VersionId": version.version} for version in chosen])

    def _delete(self, objects: Sequence[Any]) -> None:
        for start in range(0, len(objects), MOST_AT_ONCE):
            with named(self.uri("")):
                reply = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects[start : start + MOST_AT_ONCE], "Quiet": True}
                )
            for failure in reply.get("Errors", ()):  # in part is not done
                raise Retryable(f"{self.uri(failure.get('Key', ''))}: {failure.get('Code', 'failed without a code')}")


def _versions(page: Any) -> Iterator[StoredVersion]:
    for item in page.get("Versions", ()):
        yield StoredVersion(item["Key"], item["VersionId"], item["Size"], item["IsLatest"])
    for mark in page.get("DeleteMarkers", ()):
        yield StoredVersion(mark["Key"], mark["VersionId"], 0, is_current=False, is_mark=True)
