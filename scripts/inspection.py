"""Refuses packages that carry what no package may: secrets, keys, other people's settings, compiled code in a function.

Looks into zips that were built; builds none, and never says what it found beyond where and of which kind.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# Forms that are secrets wherever they stand. AWS's own example keys in its documentation end in EXAMPLE.
SECRETS = {
    "an AWS access key": rb"\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b",
    "an AWS secret key": rb"(?i)aws_secret_access_key['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9/+=]{40}\b",
    "a private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a GitHub token": rb"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "a Slack token": rb"\bxox[abposr]-[A-Za-z0-9-]{10,}",
    "a token of a package index": rb"\bpypi-[A-Za-z0-9_-]{32,}",
    "a JSON web token": rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a password in an address": rb"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}]+:[^\s/:@'\"{}]{3,}@[a-z0-9]",
}
_SECRETS = {kind: re.compile(pattern) for kind, pattern in SECRETS.items()}
# Files of people and tools, which hold settings, state or credentials.
PRIVATE = re.compile(
    r"(^|/)(\.[^/]+|.*\.(pem|p12|pfx|jks|keystore|tfstate|tfvars|sqlite|pkl|pickle)|id_(rsa|ed25519))$"
)
COMPILED = frozenset({".so", ".pyd", ".dylib", ".dll", ".exe", ".a", ".o"})


def findings(package: Path, *, pure: bool) -> list[str]:
    """Name every file of the package that may not be there, and why; `pure` refuses compiled code as well."""
    with zipfile.ZipFile(package) as archive:
        return [
            f"{package.name}: {name}: {what} is not for a package. Fix: take it out of the repository, or of the build."
            for name in archive.namelist()
            for what in _wrong(name, archive.read(name), pure=pure)
        ]


def _wrong(name: str, content: bytes, *, pure: bool) -> Iterator[str]:
    if PRIVATE.search(name):
        yield "a private file"
    if pure and _is_compiled(name, content):
        yield "compiled code"
    yield from (kind for kind, pattern in _SECRETS.items() if pattern.search(content))


def _is_compiled(name: str, content: bytes) -> bool:
    """By its name, or by the first bytes of ELF, PE and Mach-O where the name hides it; `libx.so.1` is one too."""
    suffixes = PurePosixPath(name).suffixes
    return not COMPILED.isdisjoint(suffixes) or content[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
