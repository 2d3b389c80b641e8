"""The harness runs as it is, on few rows and without the peers; how fast is nothing that a test can say."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[2]


def run(folder: Path, *words: str) -> dict[str, dict[str, object]]:
    """The kept groups, after a quick run of ours."""
    command = [sys.executable, "-m", "benchmarks", *words, "--quick", "--ours", "--to", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=280)
    kept: dict[str, dict[str, object]] = json.loads((folder / "benchmarks.json").read_text())["groups"]
    return kept


def test_a_quick_run_measures_every_benchmark_and_writes_its_page(tmp_path: Path) -> None:
    kept = run(tmp_path)

    expected = [f"{benchmark.name}:{group.id}" for benchmark in BENCHMARKS for group in benchmark.groups(True)]
    page = (tmp_path / "benchmarks.md").read_text()
    charts = [line for line in page.splitlines() if line.startswith("![")]
    assert sorted(kept) == sorted(expected)
    assert charts and all((tmp_path / line.split("(")[1].rstrip(")")).exists() for line in charts)


def test_resuming_measures_only_what_is_missing(tmp_path: Path) -> None:
    first = run(tmp_path, "gate")

    second = run(tmp_path, "gate", "--resume")

    assert second == first
