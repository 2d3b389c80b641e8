"""The harness runs as it is, on few rows and without the peers; how fast is nothing that a test can say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[2]


def run(folder: Path, *words: str) -> None:
    """Measure ours, quickly."""
    command = [sys.executable, "-m", "benchmarks", *words, "--quick", "--ours", "--to", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=280)


def groups(folder: Path) -> dict[str, dict[str, object]]:
    """What a folder's results hold, by group."""
    kept: dict[str, dict[str, object]] = json.loads((folder / "benchmarks.json").read_text())["groups"]
    return kept


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of everything."""
    folder = tmp_path_factory.mktemp("measured")
    run(folder)
    return folder


def test_a_quick_run_measures_every_benchmark_and_writes_its_page(measured: Path) -> None:
    expected = [f"{benchmark.name}:{group.id}" for benchmark in BENCHMARKS for group in benchmark.groups(True)]
    page = (measured / "benchmarks.md").read_text()
    charts = [line for line in page.splitlines() if line.startswith("![")]
    assert sorted(groups(measured)) == sorted(expected)
    assert charts and all((measured / line.split("(")[1].rstrip(")")).exists() for line in charts)


def test_resuming_measures_only_what_is_missing(measured: Path) -> None:
    before = groups(measured)

    run(measured, "--resume")

    assert groups(measured) == before
