"""What `make package` says of packages: what they carry, and that they carry nothing that no package may."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from scripts.advisories import exit_code, read_report
from scripts.inspection import findings
from scripts.sbom import inventory

# Put together here, so that no scanner takes them for secrets of ours.
KEY = b"AKIA" + b"ABCDEFGHIJKLMNOP"
SECRETS = {
    "an AWS access key": b'key = "' + KEY + b'"',
    "an AWS secret key": b"aws_secret_access_key = " + b"a" * 40,
    "a private key": b"-----BEGIN RSA " + b"PRIVATE KEY-----",
    "a GitHub token": b"ghp_" + b"a" * 36,
    "a Slack token": b"xoxb-" + b"1" * 12,
    "a token of a package index": b"pypi-" + b"A" * 40,
    "a JSON web token": b"eyJ" + b"hbGciOiJIUzI1NiJ9." + b"eyJzdWIiOiIxMjM0In0" + b"." + b"a" * 20,
    "a password in an address": b"https://me:" + b"secret@example.com",
}
PINS = """\
duckdb==1.5.5 \\
    --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \\
    --hash=sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
typing_extensions==4.16.0 \\
    --hash=sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
"""


def package(folder: Path, **files: bytes) -> Path:
    path = folder / "do_it.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/")), content)
    return path


@pytest.mark.parametrize("kind", SECRETS)
def test_a_package_with_a_secret_is_refused_without_saying_the_secret(tmp_path: Path, kind: str) -> None:
    [line] = findings(package(tmp_path, settings=b"a line\n" + SECRETS[kind] + b"\n"), pure=True)

    assert line.startswith(f"do_it.zip: settings: {kind} is not for a package. Fix: ")
    assert SECRETS[kind].decode() not in line


def test_what_only_looks_like_a_secret_is_let_through(tmp_path: Path) -> None:
    example = b"AKIAIOSFODNN7EXAMPLE https://user@example.com http://127.0.0.1:5000/x@y {user}:{password}@"

    assert findings(package(tmp_path, notes=example), pure=True) == []


@pytest.mark.parametrize("name", [".env", "a__.netrc", "key.pem", "terraform.tfstate", "model.pkl", "id_rsa"])
def test_a_private_file_is_refused(tmp_path: Path, name: str) -> None:
    [line] = findings(package(tmp_path, **{name: b"x"}), pure=True)

    assert "a private file is not for a package" in line


COMPILED = {"lib.so": b"", "libx.so.1": b"", "tool": b"\x7fELF\x02", "a.pyd": b""}


@pytest.mark.parametrize(("name", "content"), COMPILED.items())
def test_compiled_code_is_refused_in_a_function_only(tmp_path: Path, name: str, content: bytes) -> None:
    zipped = package(tmp_path, **{name: content})

    assert ["compiled code" in line for line in findings(zipped, pure=True)] == [True]
    assert findings(zipped, pure=False) == []


def test_the_inventory_names_packages_with_what_they_carry_and_what_jobs_install(tmp_path: Path) -> None:
    zipped = package(tmp_path, **{"iniconfig-2.1.0.dist-info/METADATA": b"", "handler.py": b""})

    bom = inventory([zipped], PINS)

    carried = "pkg:pypi/iniconfig@2.1.0"
    pinned = ["pkg:pypi/duckdb@1.5.5", "pkg:pypi/typing-extensions@4.16.0"]
    depends = {entry["ref"]: entry["dependsOn"] for entry in bom["dependencies"]}
    assert [one["bom-ref"] for one in bom["components"]] == ["do_it.zip", pinned[0], carried, pinned[1]]
    assert (depends["insightshare"], depends["do_it.zip"]) == (["do_it.zip", *pinned], [carried])
    assert len(bom["components"][1]["externalReferences"]) == 2


def test_the_same_packages_and_pins_give_the_same_inventory_and_others_another(tmp_path: Path) -> None:
    zipped = package(tmp_path, handler=b"one")
    first = json.dumps(inventory([zipped], PINS))

    assert json.dumps(inventory([zipped], PINS)) == first
    assert inventory([package(tmp_path, handler=b"two")], PINS)["serialNumber"] != json.loads(first)["serialNumber"]


def test_a_library_that_was_skipped_is_not_audited() -> None:
    skipped = {"name": "duckdb", "skip_reason": "Dependency not found on PyPI and could not be audited"}

    audit = read_report("runtime.txt", {"dependencies": [skipped]})

    assert str(audit) == "runtime.txt: NOT AUDITED: no advisory database could be reached, so nothing is known."
    assert (exit_code([audit], required=False), exit_code([audit], required=True)) == (0, 2)


def test_an_unreachable_database_is_not_a_pass() -> None:
    audit = read_report("runtime.txt", {})

    assert ("NOT AUDITED" in str(audit), exit_code([audit], required=True)) == (True, 2)


def test_a_vulnerable_library_fails_always_and_is_named_with_its_advisories() -> None:
    bad = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-2"}, {"id": "PYSEC-1"}]}
    good = {"name": "new", "version": "2.0", "vulns": []}

    audit = read_report("runtime.txt", {"dependencies": [bad, good, {"name": "odd", "skip_reason": "not on PyPI"}]})

    assert str(audit) == (
        "runtime.txt: 2 libraries looked up, 1 vulnerable, NOT AUDITED: odd\n  old 1.0: PYSEC-1, PYSEC-2"
    )
    assert exit_code([audit], required=False) == 1
