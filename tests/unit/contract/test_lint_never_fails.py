"""Whatever a person's editor leaves in a file, lint answers with problems, never with an exception of its own."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insightshare.contract.lint import lint
from insightshare.contract.problems import Problem

ROOT = Path(__file__).resolve().parents[3]
BASE = ROOT / "tests" / "data" / "lint_base"
FILES = sorted(path.relative_to(BASE).as_posix() for path in BASE.rglob("*") if path.is_file())
TODAY = date(2026, 11, 21)
PIECES = [
    "", "\n", "\t", "  ", ":", ": ", "- ", "[", "]", "{", "}", "'", '"', "#", "&a ", "*a", "!x ", "|", ">", "%", "@",
    "null", "true", "NO", "0", "-1", "1e400", ".nan", "012", "1_000", "190:20:30", "2026-11-21", "9" * 21,
    "\x00", "\x85", "\ufeff", "é", "😀", "[[[[", "? ", "<<: {}", "---\n", "SELECT", "(", ")", ",", ";", ":x",
    "/*", "--", "''", "CAST(", "array<", "decimal(99", "as_of", "OVER (", "UNNEST(", "WITH x AS (", "$.x", "\\",
    "a" * 300,
]  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    target = tmp_path_factory.mktemp("fuzz") / "project"
    shutil.copytree(BASE, target)
    shutil.copytree(ROOT / "schemas", target / "schemas")
    yield target


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    """A file and its new text: a few pieces of the old one replaced, repeated or removed."""
    file = draw(st.sampled_from(FILES))
    text = (BASE / file).read_text()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=12) | st.just(text[end : end + 60]))
        text = text[:start] + piece + text[end:]
    return file, text


@st.composite
def wrong_values(draw: st.DrawFn) -> tuple[str, str]:
    """A YAML file and its new text: still YAML, but one line has a value of another kind."""
    file = draw(st.sampled_from([name for name in FILES if name.endswith(".yaml")]))
    lines = (BASE / file).read_text().splitlines()
    index = draw(st.sampled_from([number for number, line in enumerate(lines) if ":" in line][1:]))
    value = draw(
        st.sampled_from(
            [
                "",
                "[]",
                "{}",
                "5",
                "-1",
                "0.5",
                "true",
                "null",
                '""',
                '"x"',
                "[1, {a: b}]",
                "{a: 1}",
                '"\\ud800"',
                '"a\\n"',
            ]
        )
    )
    lines[index] = f"{lines[index].split(':')[0]}: {value}"
    return file, "\n".join(lines) + "\n"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutation=mutations() | wrong_values())
def test_a_changed_file_gives_problems_and_no_exception(project: Path, mutation: tuple[str, str]) -> None:
    file, text = mutation
    path = project / file
    before = path.read_bytes()
    try:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        problems = lint(project, TODAY)
    finally:
        path.write_bytes(before)

    assert all(isinstance(problem, Problem) and b"\n" not in str(problem).encode() for problem in problems)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), content=st.binary(max_size=200))
def test_a_file_of_any_bytes_gives_problems_and_no_exception(project: Path, file: str, content: bytes) -> None:
    path = project / file
    before = path.read_bytes()
    try:
        path.write_bytes(content)
        problems = lint(project, TODAY)
    finally:
        path.write_bytes(before)

    assert problems


def test_a_value_nested_a_thousand_deep_is_a_problem(project: Path) -> None:
    path = project / "clients" / "acme.yaml"
    before = path.read_bytes()
    try:
        path.write_text(
            "# yaml-language-server: $schema=../schemas/client.schema.json\nclient: " + "[" * 2000 + "]" * 2000
        )
        problems = [str(problem) for problem in lint(project, TODAY)]
    finally:
        path.write_bytes(before)

    assert problems == ["clients/acme.yaml: file: a value nested this deep is not YAML for people. Fix: flatten it."]
