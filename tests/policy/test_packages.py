"""The packages that Terraform uploads: the same bytes from the same files, pure, and only what is needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.package import PackageError, build
from tests.policy.project_copy import REPOSITORY

HANDLER = "from insightshare.errors import PlatformError\n\n\ndef handler(event, context):\n    return {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one function, small enough to change."""
    for name in ("insights", "sources", "clients", "schemas"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.yaml").write_text("name: one\n")
    for name in ("insightshare", "athenasql"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('"""Empty."""\n')
    shutil.copy(REPOSITORY / "insightshare" / "errors.py", tmp_path / "insightshare")
    (tmp_path / "lambdas" / "do_it").mkdir(parents=True)
    (tmp_path / "lambdas" / "do_it" / "handler.py").write_text(HANDLER)
    return tmp_path


def names(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The packages of this project."""
    return {package.name: package for package in build(REPOSITORY, tmp_path_factory.mktemp("build"))}


def test_the_same_files_give_the_same_bytes(project: Path) -> None:
    first = [package.read_bytes() for package in build(project, project / "first")]
    for path in project.rglob("*.py"):
        path.touch()

    second = [package.read_bytes() for package in build(project, project / "second")]

    assert first == second


def test_a_function_carries_its_handler_and_only_the_modules_that_it_imports(project: Path) -> None:
    (project / "insightshare" / "client.py").write_text("import pyarrow\n")

    build(project, project / "build")

    expected = ["handler.py", "insightshare/__init__.py", "insightshare/errors.py"]
    assert names(project / "build" / "do_it.zip") == expected


def test_what_only_type_checkers_import_is_left_out(project: Path) -> None:
    typed = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import pyarrow\n"
    (project / "lambdas" / "do_it" / "handler.py").write_text(typed + HANDLER)

    build(project, project / "build")

    assert "pyarrow/__init__.py" not in names(project / "build" / "do_it.zip")


def test_a_pure_wheel_comes_along(project: Path) -> None:
    (project / "lambdas" / "do_it" / "handler.py").write_text("import jmespath, iniconfig\n" + HANDLER)

    build(project, project / "build")

    found = names(project / "build" / "do_it.zip")
    assert "iniconfig/__init__.py" in found
    assert not any(name.startswith("jmespath") for name in found), "every runtime has it with boto3"


def test_a_compiled_wheel_is_refused(project: Path) -> None:
    (project / "lambdas" / "do_it" / "handler.py").write_text("import pyarrow\n" + HANDLER)

    with pytest.raises(PackageError) as refused:
        build(project, project / "build")

    assert str(refused.value) == (
        "lambdas/do_it: dependency: pyarrow is not pure Python. Fix: import less, or do this work in a job."
    )


def test_an_import_that_is_not_installed_is_refused(project: Path) -> None:
    (project / "lambdas" / "do_it" / "handler.py").write_text("import nowhere_to_be_found\n" + HANDLER)

    with pytest.raises(PackageError) as refused:
        build(project, project / "build")

    assert str(refused.value) == (
        "lambdas/do_it: import: nowhere_to_be_found is not installed. Fix: add it to requirements/."
    )


@pytest.mark.parametrize("function", ["expire_shares", "register_run", "repair_projection", "vacuum_runs"])
def test_a_function_holds_nothing_that_is_compiled(built: dict[str, Path], function: str) -> None:
    assert not [name for name in names(built[f"{function}.zip"]) if name.endswith((".so", ".pyd", ".dylib"))]


@pytest.mark.parametrize("function", ["expire_shares", "register_run", "repair_projection", "vacuum_runs"])
def test_a_function_imports_with_nothing_but_its_zip_and_boto3(built: dict[str, Path], function: str) -> None:
    alone = (
        "import sys, boto3, botocore, dateutil, jmespath, s3transfer, urllib3\n"
        "sys.path[:] = [sys.argv[1]] + [path for path in sys.path if 'site-packages' not in path]\n"
        "import handler; print(callable(handler.handler), handler.__file__)"
    )

    done = subprocess.run(
        [sys.executable, "-P", "-c", alone, str(built[f"{function}.zip"])],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )

    assert done.stdout.startswith(f"True {built[f'{function}.zip']}"), done.stderr


def test_the_project_package_holds_what_jobs_read(built: dict[str, Path]) -> None:
    found = set(names(built["project.zip"]))

    assert {"project.yaml", "insights/churn/score.sql", "sources/telco_customers/contract.odcs.yaml"} <= found
    assert {"clients/acme.yaml", "insights/churn/pipeline.yaml"} <= found


def test_the_library_package_holds_what_registration_reads(built: dict[str, Path]) -> None:
    assert "insightshare/publish/receipt_columns.json" in names(built["insightshare.zip"])
