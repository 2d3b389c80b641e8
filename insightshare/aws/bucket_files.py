"""A bucket as a job needs it: storage, conditional replacement of pointers, uploads of files. Deletes nothing."""

from pathlib import Path

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.aws.s3 import S3Storage
from insightshare.errors import NotFound

_LOST = ("PreconditionFailed", "ConditionalRequestConflict")


class BucketFiles(S3Storage):
    """One bucket; implements the port `Files` of the jobs."""

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return the object and its entity tag, or None."""
        with named(self.uri(key)):
            try:
                reply = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise
            with reply["Body"] as body:
                return body.read(), reply["ETag"]

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        """Write the object if it still has `tag` (None: if it is not there); return False if not."""
        if tag is None:
            return self.create(key, body)
        with named(self.uri(key)):
            try:
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfMatch=tag)
            except ClientError as error:
                if code_of(error) in _LOST:
                    return False
                raise
        return True

    def upload(self, path: Path, key: str) -> None:
        """Write a local file as an object, in parts where it is large."""
        with named(self.uri(key)), path.open("rb") as file:
            self._client.upload_fileobj(file, self._bucket, key)  # upload_file would hide S3's error in one of its own

    def download(self, key: str, path: Path) -> None:
        """Write an object as a local file, in parts where it is large; raises NotFound where there is none."""
        with named(self.uri(key)):
            try:
                self._client.download_file(self._bucket, key, str(path))
            except ClientError as error:
                if code_of(error) in ("404", "NoSuchKey"):
                    fix = "land the source again; files of snapshots are never deleted by hand"
                    raise NotFound.at(self.uri(key), "object", "nothing", "a file", fix) from error
                raise
