"""Asks pip-audit which pinned libraries have known vulnerabilities; says so when it could not be known. Mends nothing.

Whatever was not looked up counts as unknown, never as sound: pip-audit itself calls a library that its database does
not know "skipped", and a run in which all were skipped a success.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
SETS = ("runtime", "local")  # what the jobs and functions run, and what deploys them
SERVICES = ("pypi", "osv")
SECONDS = 120


@dataclass(frozen=True)
class Audit:
    """What is known of one set of requirements: per library its advisories, and which could not be looked up."""

    requirements: str
    vulnerable: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    looked_up: int

    def __str__(self) -> str:
        if not self.looked_up:
            return f"{self.requirements}: NOT AUDITED: no advisory database could be reached, so nothing is known."
        left = f", NOT AUDITED: {', '.join(self.unknown)}" if self.unknown else ""
        bad = "".join(f"\n  {name}: {', '.join(ids)}" for name, ids in self.vulnerable.items())
        found = f"{self.looked_up} libraries looked up, {len(self.vulnerable)} vulnerable"
        return f"{self.requirements}: {found}{left}{bad}"

    def to_json(self) -> dict[str, Any]:
        """Return what is known as JSON types."""
        facts = {"looked_up": self.looked_up, "vulnerable": dict(self.vulnerable), "unknown": list(self.unknown)}
        return {"requirements": self.requirements, **facts}


def read_report(requirements: str, report: Mapping[str, Any]) -> Audit:
    """Judge pip-audit's JSON report."""
    entries = report.get("dependencies", ())
    unknown = tuple(sorted(one["name"] for one in entries if "skip_reason" in one))
    vulnerable = {
        f"{one['name']} {one['version']}": tuple(sorted(bad["id"] for bad in one["vulns"]))
        for one in entries
        if one.get("vulns")
    }
    return Audit(requirements, vulnerable, unknown, len(entries) - len(unknown))


def audit(requirements: Path) -> Audit:
    """Ask one database after the other until one knows something of these pins."""
    known = Audit(requirements.name, {}, (), 0)
    for service in SERVICES:
        known = read_report(requirements.name, _ask(service, requirements))
        if known.looked_up:
            break
    return known


def _ask(service: str, requirements: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--vulnerability-service",
        service,
        "--requirement",
        str(requirements),
    ]
    settings = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run([*command, *settings], capture_output=True, text=True, check=False, timeout=SECONDS)
        return dict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):  # no answer, or none that is a report: the database is out of reach
        return {}


def exit_code(audits: Sequence[Audit], *, required: bool) -> int:
    """1 for a vulnerable library; 2 where it must be known and is not."""
    if any(one.vulnerable for one in audits):
        return 1
    return 2 if required and any(one.unknown or not one.looked_up for one in audits) else 0


def main() -> int:
    """Print and keep what is known of every set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--build", type=Path, default=REPOSITORY / "build", help="where advisories.json goes")
    parser.add_argument("--required", action="store_true", help="fail where a library could not be looked up")
    arguments = parser.parse_args()
    audits = [audit(REPOSITORY / "requirements" / f"{name}.txt") for name in SETS]
    report = [one.to_json() for one in audits]
    arguments.build.mkdir(parents=True, exist_ok=True)
    (arguments.build / "advisories.json").write_text(json.dumps(report, indent=2) + "\n")
    code = exit_code(audits, required=arguments.required)
    for one in audits:
        print(one, file=sys.stderr if code or not one.looked_up else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
