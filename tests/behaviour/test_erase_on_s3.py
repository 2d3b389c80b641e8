"""A person's rows are found and taken out on the local S3, by an operator with the engine of this machine."""

import io
import shutil
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.aws.deployment import Deployment
from insightshare.aws.operator import operator_workplace
from insightshare.aws.publishing import Settings, publishing_ports
from insightshare.contract.read import load_project
from insightshare.jobs.erase import RunEditor
from insightshare.publish import Lineage, Manifest, State, claim, register, vacuum, write_manifest
from insightshare.publish.erasure import erase
from insightshare.publish.erasure_plan import Order
from insightshare.publish.layout import manifests_folder, run_folder
from insightshare.publish.manifest import File
from insightshare.publish.scrubbing import Subject
from tests.behaviour.publish_scenes import later
from tests.behaviour.publish_stage import aws_stage
from tests.conftest import PROVIDER, REGION, Cloud
from tests.unit.publish.scenes import MONDAY

ROOT = Path(__file__).parents[2]
HERE = Deployment("erasing", PROVIDER, REGION, database="erasing")
PLACE = Settings(HERE.lake, HERE.registry, HERE.database, HERE.event_bus, HERE.register_queue)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    return tmp_path / "project"


class LocalSession(boto3.Session):
    """The provider's administrator on the local cloud."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(aws_access_key_id=PROVIDER, aws_secret_access_key="any", region_name=REGION)
        self._endpoint = cloud.endpoint

    def client(self, service: str, **_: Any) -> Any:  # type: ignore[override]  # one signature for every service
        return super().client(service, endpoint_url=self._endpoint)  # type: ignore[call-overload]  # stubs list names


def spend(*customers: str) -> bytes:
    """A run's file, as the score job writes it."""
    types = [("customer_id", pa.string()), ("orders", pa.int64()), ("total", pa.float64()), ("since", pa.date32())]
    rows = [{"customer_id": c, "orders": 3, "total": 9.0, "since": None, "as_of": MONDAY} for c in customers]
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema([*types, ("as_of", pa.string())])), body)
    return body.getvalue()


def test_a_person_is_erased_from_real_files_and_no_version_of_them_stays(cloud: Cloud, project_folder: Path) -> None:
    aws_stage(cloud, PLACE, insight="spend")
    ports = publishing_ports(LocalSession(cloud), PLACE)
    own, body = claim(ports.registry, "spend", MONDAY, "jr_1"), spend("C1", "C2", "C3")
    ports.storage.create(run_folder("spend", own.run_id) + "part-00000.parquet", body)
    file = File("part-00000.parquet", len(body), 3, "0" * 64)
    register(
        ports,
        write_manifest(ports.storage, ports.registry, Manifest(own, (file,), True, (), Lineage("abc123", "duckdb"))),
    )
    project, order = load_project(project_folder), Order("spend", Subject("customer_id", "C2"), "request 17")

    with operator_workplace(LocalSession(cloud), HERE, project) as place:
        editor = RunEditor(place, project.insights["spend"], order.subject)
        done = erase(ports, editor, order)
        vacuum(later(ports, hours=7), "spend")
        vacuum(later(ports, hours=14), "spend")
        left = erase(ports, editor, order)

    pointer = ports.registry.pointer("spend", MONDAY)
    copy = run_folder("spend", (pointer.run_id if pointer else "") or "")
    [key] = [item.key for item in ports.storage.list(copy)]
    found = pq.read_table(io.BytesIO(ports.storage.read(key, 2**20) or b""))
    assert (found.column("customer_id").to_pylist(), done.condemned) == (["C1", "C3"], (own.run_id,))
    assert (left.is_finished, ports.storage.versions(run_folder("spend", own.run_id))) == (True, ())
    assert ports.storage.versions(f"{manifests_folder('spend')}{own.run_id}/") == ()
    assert [run.state for run in ports.registry.runs("spend")] == [State.DELETED, State.CURRENT]
