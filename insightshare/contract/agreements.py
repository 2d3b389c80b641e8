"""A new agreement as a file: its text, and what lint would say of it, before it is written. Grants nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from insightshare.contract.column_sets import ALL
from insightshare.contract.lint import lint
from insightshare.contract.problems import Problem

MODELINE = "# yaml-language-server: $schema=../schemas/client.schema.json"
_BESIDE = ("project.yaml", "schemas", "sources", "insights")


@dataclass(frozen=True)
class Draft:
    """What a person decides: as in the file, nothing checked."""

    client: str
    account_id: str
    reads_from: str
    purpose: str
    contact: str
    start: str
    end: str
    grants: Mapping[str, DraftGrant]
    assumed_by: tuple[str, ...] = ()
    scan_limit_mib: int | None = None
    organisation: str = ""


@dataclass(frozen=True)
class DraftGrant:
    """What the client may read of one insight; `word` stands for columns where none are listed."""

    columns: tuple[str, ...] = ()
    word: str = ALL
    rows: str = ""
    tables: tuple[str, ...] = field(default=())
    purposes: tuple[str, ...] = field(default=())


def agreement_text(draft: Draft) -> str:
    """Return the file's text, in the order in which people read it."""
    value = {
        "client": draft.client,
        "account_id": _Quoted(draft.account_id),
        "reads_from": draft.reads_from,
        "organisation": draft.organisation,
        "assumed_by": [_Quoted(arn) for arn in draft.assumed_by],
        "scan_limit_mib": draft.scan_limit_mib,
        "purpose": draft.purpose,
        "contact": draft.contact,
        "start": _Quoted(draft.start),
        "end": _Quoted(draft.end),
        "insights": {name: _grant(grant) for name, grant in draft.grants.items()},
    }
    return f"{MODELINE}\n{yaml.dump(_stated(value), Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)}"


def problems_of(root: Path, client: str, text: str, today: date) -> list[Problem]:
    """Return what lint would say more of the project under `root` if the agreement were a file of it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _BESIDE:
            if (root / name).exists():
                (copy / name).symlink_to((root / name).resolve())
        (copy / "clients").mkdir()
        for path in (root / "clients").glob("*.yaml"):
            (copy / "clients" / path.name).write_bytes(path.read_bytes())
        (copy / "clients" / f"{client}.yaml").write_text(text, encoding="utf-8")
        said = lint(root, today)
        return [problem for problem in lint(copy, today) if problem not in said]


def _grant(grant: DraftGrant) -> dict[str, object]:
    columns: object = _Inline(grant.columns) if grant.columns else grant.word
    return _stated(
        {"columns": columns, "purposes": _Inline(grant.purposes), "rows": grant.rows, "tables": _Inline(grant.tables)}
    )


def _stated(value: Mapping[str, object]) -> dict[str, object]:
    """Without the keys that say nothing."""
    return {name: item for name, item in value.items() if item not in (None, "", [], ())}


class _Quoted(str):
    """Text that readers of YAML would take for a number or a date: always in quotes."""


class _Inline(tuple[str, ...]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    """YAML as the files of this project write it."""


_Dumper.add_representer(_Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
_Dumper.add_representer(
    _Inline, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)
)
