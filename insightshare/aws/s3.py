"""S3 as the lake's storage: create once, read, list. Overwrites and deletes nothing."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.errors import ManifestRefused
from insightshare.publish.ports import StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Storage:
    """One bucket; implements the port `Storage`."""

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
