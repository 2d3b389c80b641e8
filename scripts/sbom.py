"""Writes build/sbom.cdx.json: what our packages carry and what the Glue jobs install, as CycloneDX. Judges nothing.

The same packages and pins give the same bytes: no time and no random number is in it.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

REPOSITORY = Path(__file__).resolve().parent.parent
PRODUCT = "insightshare"
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\\n]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
CARRIED = re.compile(r"^(?P<name>[^/]+)-(?P<version>[^-/]+)\.dist-info/METADATA$")

Component = dict[str, Any]


def inventory(packages: Sequence[Path], pins: str) -> dict[str, Any]:
    """Our packages, each with the wheels inside it, and what jobs install by the pins of a requirements file."""
    libraries = {one["bom-ref"]: one for one in pinned(pins)}
    installed = sorted(libraries)
    depends: dict[str, list[str]] = {}
    for package in packages:
        inside = {one["bom-ref"]: one for one in carried(package)}
        libraries = inside | libraries
        depends[package.name] = sorted(inside)
    depends[PRODUCT] = sorted({*installed, *depends})
    components = [*map(_package, packages), *(libraries[name] for name in sorted(libraries))]
    told = json.dumps([components, depends], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, told)}",
        "version": 1,
        "metadata": {"component": {"type": "platform", "bom-ref": PRODUCT, "name": PRODUCT}},
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": depends.get(name, [])} for name in sorted({*depends, *libraries})],
    }


def pinned(text: str) -> Iterator[Component]:
    """One library per pin, with a distribution per file that may be installed for it."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if found := PIN.match(block):
            yield _library(found[1], found[2], HASH.findall(block))


def carried(package: Path) -> Iterator[Component]:
    """The wheels that a package was given, by the metadata that came with them."""
    with zipfile.ZipFile(package) as archive:
        found = [CARRIED.match(name) for name in archive.namelist()]
    yield from (_library(one["name"], one["version"], []) for one in found if one)


def check_format(text: str) -> None:
    """Stop where the inventory is not what CycloneDX' own schema describes; only where that library is installed."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        raise SystemExit(f"sbom.cdx.json: document: {problem} is not CycloneDX 1.6. Fix: mend scripts/sbom.py.")


def _library(name: str, version: str, digests: Sequence[str]) -> Component:
    plain = re.sub(r"[-_.]+", "-", name).lower()
    address = f"pkg:pypi/{plain}@{version}"
    component = {"type": "library", "bom-ref": address, "name": plain, "version": version, "purl": address}
    if not digests:
        return component
    # One library has a file per platform: each is a reference of its own, for `hashes` would say that one has them all.
    files = [
        {"type": "distribution", "url": address, "comment": digest, "hashes": [_hash(digest)]}
        for digest in sorted(digests)
    ]
    return {**component, "externalReferences": files}


def _package(package: Path) -> Component:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    return {"type": "application", "bom-ref": package.name, "name": package.name, "hashes": [_hash(digest)]}


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def main() -> int:
    """Write the inventory of everything in the build folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build", type=Path, default=REPOSITORY / "build", help="where the packages are")
    build = parser.parse_args().build
    packages = sorted(build.glob("*.zip"))
    if not packages:
        print(f"{build}: packages: none is not at least one. Fix: run make package.", file=sys.stderr)
        return 1
    bom = inventory(packages, (REPOSITORY / "requirements" / "runtime.txt").read_text())
    text = json.dumps(bom, indent=2) + "\n"
    check_format(text)
    (build / "sbom.cdx.json").write_text(text)
    print(f"sbom.cdx.json  {len(packages)} packages, {len(bom['components']) - len(packages)} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
