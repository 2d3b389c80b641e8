"""Builds the packages that Terraform uploads, into build/: same files in, same bytes out. Deploys nothing.

insightshare.zip         the library, for the Glue jobs' Python path
project.zip              contracts, pipelines, SQL, agreements and their schemas, for the Glue jobs
<function>.zip           per folder of lambdas/: its handler with exactly the modules that it imports
"""

import argparse
import ast
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

from scripts.inspection import findings

REPOSITORY = Path(__file__).resolve().parent.parent
LIBRARY = ("insightshare", "athenasql")
FOLDERS = ("insights", "sources", "clients", "schemas")
PROJECT_FILES = ("project.yaml",)
# Every Lambda runtime has these.
PROVIDED = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3"})
# The first moment that a zip can name: time must not change a package.
EPOCH = (1980, 1, 1, 0, 0, 0)
OF_JOBS = frozenset({"insightshare", "project"})
LIMIT_BYTES = 50 * 1024 * 1024


class PackageError(Exception):
    """A package that cannot be built as asked; the message is one line per mistake."""


def build(repository: Path, folder: Path) -> list[Path]:
    """Build every package into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = {"insightshare.zip": _library(repository), "project.zip": _project(repository)}
    for handler in sorted(repository.glob("lambdas/*/handler.py")):
        packages[f"{handler.parent.name}.zip"] = _function(repository, handler)
    built = [_write(folder / name, files) for name, files in packages.items()]
    _inspect(built)
    return built


def _inspect(packages: Iterable[Path]) -> None:
    """Refuse what no package may carry; a function's may not carry compiled code either, for it runs on any Python."""
    wrong = [finding for package in packages for finding in findings(package, pure=package.stem not in OF_JOBS)]
    if wrong:
        raise PackageError("\n".join(wrong))


def _library(repository: Path) -> dict[str, Path]:
    return {name: path for package in LIBRARY for name, path in _tree(repository, repository / package)}


def _project(repository: Path) -> dict[str, Path]:
    files = {name: path for folder in FOLDERS for name, path in _tree(repository, repository / folder)}
    return files | {name: repository / name for name in PROJECT_FILES if (repository / name).is_file()}


def _function(repository: Path, handler: Path) -> dict[str, Path]:
    """Return the handler, the modules of ours that it imports, however deep, and the pure wheels that those need."""
    files = {path.name: path for path in sorted(handler.parent.glob("*.py"))}
    unread, foreign = list(files.values()), set[str]()
    while unread:
        for module in _imports(unread.pop()):
            if module.split(".")[0] not in LIBRARY:
                foreign.add(module.split(".")[0])
                continue
            for name, path in _module_files(repository, module).items():
                if name not in files:
                    files[name] = path
                    unread += [path] if path.suffix == ".py" else []
    local = {path.stem for path in handler.parent.glob("*.py")}
    wanted = foreign - sys.stdlib_module_names - PROVIDED - local
    return files | _wheels(handler.parent.name, wanted)


def _imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports when it runs, not what only type checkers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    skipped = {id(child) for node in ast.walk(tree) if _is_for_types(node) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _module_files(repository: Path, module: str) -> dict[str, Path]:
    """Return a module's file with its packages' `__init__.py` and data files; nothing for a name inside a module."""
    parts = module.split(".")
    found: dict[str, Path] = {}
    for depth in range(1, len(parts) + 1):
        place = repository.joinpath(*parts[:depth])
        if place.is_dir():
            data = (path for path in place.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc"))
            found |= _named(repository, [path for path in (place / "__init__.py", *data) if path.is_file()])
        elif place.with_suffix(".py").is_file():
            found |= _named(repository, [place.with_suffix(".py")])
    return found


def _named(repository: Path, paths: list[Path]) -> dict[str, Path]:
    return {path.relative_to(repository).as_posix(): path for path in paths}


def _wheels(function: str, wanted: set[str]) -> dict[str, Path]:
    """Return the files of the installed distributions that provide these imports, and of those that they require."""
    if not wanted:
        return {}
    providers = metadata.packages_distributions()
    files: dict[str, Path] = {}
    for module in sorted(wanted):
        if module not in providers:
            raise PackageError(f"lambdas/{function}: import: {module} is not installed. Fix: add it to requirements/.")
        files |= _pure_files(function, metadata.distribution(providers[module][0]))
    return files


def _pure_files(function: str, distribution: metadata.Distribution) -> dict[str, Path]:
    name = distribution.metadata["Name"]
    if "Root-Is-Purelib: true" not in (distribution.read_text("WHEEL") or ""):
        raise PackageError(
            f"lambdas/{function}: dependency: {name} is not pure Python. Fix: import less, or do this work in a job."
        )
    kept = (path for path in distribution.files or [] if ".." not in path.parts and path.suffix not in (".pyc",))
    return {path.as_posix(): Path(str(path.locate())) for path in kept if path.name != "RECORD"}


def _tree(repository: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        name = PurePosixPath(path.relative_to(repository).as_posix())
        if (
            path.is_file()
            and path.suffix != ".pyc"
            and not any(part.startswith((".", "__pycache__")) for part in name.parts)
        ):
            yield str(name), path


def _write(package: Path, files: Mapping[str, Path]) -> Path:
    if not files:
        raise PackageError(f"{package.name}: files: none is not at least one. Fix: build in a whole clone.")
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED)
    if package.stat().st_size > LIMIT_BYTES:
        raise PackageError(
            f"{package.name}: size: {package.stat().st_size} bytes is not 50 MiB or less. Fix: import less."
        )
    return package


def main() -> int:
    """Build everything; the exit code is 1, with a line each, when something cannot be built."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=REPOSITORY / "build", help="where the packages go")
    try:
        for package in build(REPOSITORY, parser.parse_args().build):
            print(f"{package.name}  {package.stat().st_size / 1024:.0f} KiB")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
