"""Which files a project has, and which it should not have or lacks. Opens none of them except to read their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from insightshare.contract.documents import Document, read_document
from insightshare.contract.problems import Problem, instead, listed

CONTRACT = "contract.odcs.yaml"
PIPELINE = "pipeline.yaml"
README = "README.md"
QUERIES = ("score.sql", "features.sql")
PROJECT = "project.yaml"
INSIGHT_FILES = (CONTRACT, PIPELINE, *QUERIES, README)
SOURCE_FILES = (CONTRACT, README)
NOT_OURS = (".DS_Store", ".gitkeep", ".keep", "Thumbs.db")
"""Files that systems and version control leave in folders; Terraform takes none of them for one of ours."""


@dataclass
class Folder:
    """One insight's or source's folder: its documents and its SQL by name without the suffix."""

    path: str
    name: str
    contract: Document
    pipeline: Document | None = None
    queries: dict[str, str] = field(default_factory=dict)
    readme: str | None = None


@dataclass
class Files:
    """Everything found under a project's root, by name."""

    project: Document
    sources: dict[str, Folder] = field(default_factory=dict)
    insights: dict[str, Folder] = field(default_factory=dict)
    clients: dict[str, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def find_files(root: Path) -> Files:
    """The project's files, with a problem for each that is missing, misplaced or unreadable."""
    files = Files(project=read_document(root / PROJECT, PROJECT))
    for path in _folders(files, root, "sources", "a folder per source", SOURCE_FILES):
        files.sources[path.name] = Folder(f"sources/{path.name}", path.name, _required(files, root, path, CONTRACT))
    for path in _folders(files, root, "insights", "a folder per insight", INSIGHT_FILES):
        files.insights[path.name] = _insight(files, root, path)
    for path in _entries(files, root, "clients", "a file per client, as clients/acme.yaml"):
        name = f"clients/{path.name}"
        if path.suffix == ".yaml" and path.is_file():
            files.clients[path.stem] = read_document(path, name)
        elif path.name != README:
            files.problems.append(
                Problem(name, "file", path.name, "a YAML file", "rename it to <client>.yaml, or move it away")
            )
    if not files.clients and not any(problem.file.startswith("clients") for problem in files.problems):
        files.problems.append(_nothing("clients", "a file per client, as clients/acme.yaml"))
    return files


def _insight(files: Files, root: Path, path: Path) -> Folder:
    folder = Folder(f"insights/{path.name}", path.name, _required(files, root, path, CONTRACT))
    folder.pipeline = _required(files, root, path, PIPELINE)
    for name in QUERIES:
        text = _text(files, path / name, f"{folder.path}/{name}")
        if text is not None:
            folder.queries[Path(name).stem] = text
    folder.readme = _text(files, path / README, f"{folder.path}/{README}")
    return folder


def _folders(files: Files, root: Path, kind: str, expected: str, allowed: tuple[str, ...]) -> list[Path]:
    found = []
    for path in _entries(files, root, kind, expected):
        if path.is_dir():
            found.append(path)
            _report_strangers(files, path, f"{kind}/{path.name}", allowed)
        elif path.name != README:
            fix = "move it into the folder that it belongs to"
            files.problems.append(Problem(f"{kind}/{path.name}", "file", "a file", expected, fix))
    if not found and not any(problem.file.startswith(kind) for problem in files.problems):
        files.problems.append(_nothing(kind, expected))
    return found


def _report_strangers(files: Files, folder: Path, name: str, allowed: tuple[str, ...]) -> None:
    for path in sorted(folder.iterdir()):
        if path.name not in allowed and not path.name.startswith("."):
            fix = instead(path.name, allowed, "remove it").replace("write", "rename it to")
            files.problems.append(Problem(f"{name}/{path.name}", "file", path.name, listed(allowed), fix))


def _entries(files: Files, root: Path, kind: str, expected: str) -> list[Path]:
    try:
        found = sorted((root / kind).iterdir())
    except OSError:
        files.problems.append(Problem(kind, "folder", "a missing folder", expected, f"create {kind}/"))
        return []
    return [path for path in found if path.name not in NOT_OURS or path.is_dir()]


def _nothing(kind: str, expected: str) -> Problem:
    return Problem(kind, "folder", "an empty folder", expected, f"add one, or restore {kind}/")


def _required(files: Files, root: Path, folder: Path, name: str) -> Document:
    path = folder / name
    return read_document(path, path.relative_to(root).as_posix())


def _text(files: Files, path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        files.problems.append(Problem(name, "file", "what is there", "UTF-8 text", "save the file as UTF-8"))
        return None
