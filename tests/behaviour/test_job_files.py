"""What jobs rely on of a bucket, held against the folder that plays one in unit tests and against S3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insightshare.aws.bucket_files import BucketFiles
from insightshare.errors import NotFound
from insightshare.jobs.workplace import Files
from tests.behaviour.parts import make_bucket
from tests.conftest import Cloud
from tests.unit.jobs.folders import FolderFiles

MAKERS: dict[str, Callable[[Cloud, Path], Files]] = {
    "a folder": lambda cloud, folder: FolderFiles(folder),
    "S3": lambda cloud, folder: BucketFiles(cloud.client("s3"), make_bucket(cloud)),
}


@pytest.fixture(params=MAKERS)
def files(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path) -> Files:
    """An empty bucket."""
    return MAKERS[request.param](cloud, tmp_path / "bucket")


def test_a_new_object_is_replaced_only_if_it_is_not_there(files: Files) -> None:
    assert files.replace("pointer", b"first", None)
    assert not files.replace("pointer", b"second", None)
    assert files.read("pointer", 100) == b"first"


def test_an_object_is_replaced_only_if_it_is_as_it_was_read(files: Files) -> None:
    files.create("pointer", b"first")
    _, tag = files.read_tagged("pointer") or (b"", "")

    assert files.replace("pointer", b"second", tag)
    assert not files.replace("pointer", b"third", tag)
    assert files.read("pointer", 100) == b"second"


def test_what_is_not_there_has_no_tag_and_no_body(files: Files) -> None:
    assert files.read_tagged("pointer") is None
    assert files.read("pointer", 100) is None


def test_an_uploaded_file_is_listed_with_its_size_below_its_folder_only(files: Files, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"12345")

    files.upload(tmp_path / "part", "run/part-00000.parquet")
    files.upload(tmp_path / "part", "other/part-00000.parquet")

    assert [(item.key, item.size_bytes) for item in files.list("run/")] == [("run/part-00000.parquet", 5)]


def test_an_uploaded_file_replaces_the_one_before(files: Files, tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        (tmp_path / "part").write_bytes(content)
        files.upload(tmp_path / "part", "run/part-00000.parquet")

    assert files.read("run/part-00000.parquet", 100) == b"second"


def test_an_object_is_downloaded_as_it_is_and_a_missing_one_is_named(files: Files, tmp_path: Path) -> None:
    files.create("run/part-00000.parquet", b"12345")

    files.download("run/part-00000.parquet", tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"12345"
    with pytest.raises(NotFound, match=r"run/none: object: nothing is not a file"):
        files.download("run/none", tmp_path / "none")
