"""Imports point one way: what each room of the house may import, held against every import statement in it."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each room and what it may import of ours; a room not listed here fails the test below it.
MAY_IMPORT = {
    "athenasql": set(),
    "localcloud": {"athenasql"},
    "insightshare.errors": set(),
    "insightshare.contract": {"athenasql", "insightshare.errors"},
    "insightshare.quality": {"insightshare.contract", "insightshare.errors", "athenasql"},
    "insightshare.engine": {"insightshare.contract", "insightshare.errors", "athenasql"},
    "insightshare.model": {"insightshare.contract", "insightshare.engine", "insightshare.errors"},
    "insightshare.publish": {"insightshare.contract", "insightshare.quality", "insightshare.errors"},
    "insightshare.jobs": {
        "athenasql",
        "insightshare.contract",
        "insightshare.quality",
        "insightshare.engine",
        "insightshare.model",
        "insightshare.publish",
        "insightshare.errors",
    },
    "insightshare.share": {"insightshare.contract", "insightshare.errors", "athenasql"},
    "insightshare.catalog": {"insightshare.contract", "insightshare.errors"},
    "insightshare.aws": {
        "athenasql",
        "insightshare.contract",
        "insightshare.quality",
        "insightshare.engine",
        "insightshare.jobs",
        "insightshare.model",
        "insightshare.publish",
        "insightshare.share",
        "insightshare.catalog",
        "insightshare.errors",
    },
    "insightshare.client": {"insightshare.aws", "insightshare.catalog", "insightshare.share", "insightshare.errors"},
}
ANYTHING_OF_OURS = {"insightshare.cli", "insightshare.__main__", "insightshare.__init__"}
OURS = ("insightshare", "athenasql", "localcloud", "samples", "demo", "glue_jobs", "lambdas", "scripts", "tests")

# Each foreign package that only one place may import, and that place.
ONLY_IN = {
    "boto3": (
        "insightshare/aws/",
        "insightshare/client.py",
        "insightshare/cli/desk.py",
        "localcloud/",
        "tests/",
        "demo/",
        "scripts/",
    ),  # client: a type
    "botocore": ("insightshare/aws/", "localcloud/", "tests/", "scripts/"),
    "awswrangler": ("insightshare/aws/", "tests/"),
    "duckdb": ("insightshare/engine/duckdb.py", "localcloud/athena/", "tests/"),
    "pyspark": ("insightshare/engine/spark.py", "insightshare/client.py", "tests/"),
    "moto": ("localcloud/", "tests/"),
    "great_expectations": ("insightshare/quality/expectations_worker.py", "tests/", "benchmarks/"),
}


def python_files(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


@cache
def imported_modules(path: Path) -> set[str]:
    """Every module that the file imports, at any depth, relative imports resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            found |= {module} | (
                {f"{module}.{alias.name}" for alias in node.names} if module == "insightshare" else set()
            )
    return found


def room_of(module: str) -> str:
    """`insightshare.publish.decide` is in the room `insightshare.publish`; `localcloud.gateway` in `localcloud`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "insightshare" else parts[0]


def room_of_file(path: Path) -> str:
    return room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))


LIBRARY = [path for folder in ("athenasql", "localcloud", "insightshare") for path in python_files(folder)]


def test_the_library_is_where_this_test_looks() -> None:
    assert len(LIBRARY) > 20


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_the_rooms_below_it(path: Path) -> None:
    room = room_of_file(path)
    imported = {room_of(name) for name in imported_modules(path) if name.split(".")[0] in OURS}

    allowed = imported if room in ANYTHING_OF_OURS else MAY_IMPORT[room] | {room, "insightshare"}

    assert imported - allowed == set()


@pytest.mark.parametrize("foreign", ONLY_IN)
def test_a_foreign_package_is_imported_only_where_it_belongs(foreign: str) -> None:
    everywhere = [path for folder in OURS for path in python_files(folder)]

    importers = {
        str(path.relative_to(ROOT))
        for path in everywhere
        if any(name.split(".")[0] == foreign for name in imported_modules(path))
    }

    assert {name for name in importers if not name.startswith(ONLY_IN[foreign])} == set()
