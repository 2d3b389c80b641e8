"""A client's kit: every file that it needs to read its share, as text by path. Writes nothing, deploys nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from insightshare.contract.facts import Insight
from insightshare.share.kit_guide import guide_text
from insightshare.share.kit_queries import SMOKE_QUERY, kit_queries
from insightshare.share.kit_stack import kit_stack
from insightshare.share.kit_template import template_text
from insightshare.share.terms import TERMS_FILE, Terms, terms_text

TEMPLATE_FILE, GUIDE_FILE, SMOKE_FILE, MODULE_FOLDER = "template.yaml", "README.md", "smoke.sql", "terraform"
MODULE_FILES = ("main.tf", "variables.tf", "outputs.tf", "versions.tf")


@dataclass(frozen=True)
class Parts:
    """What the kit holds that is the same for every client: the function's code, and the module's files by name."""

    function_code: str
    module: Mapping[str, str]


def module_files(folder: Path) -> dict[str, str]:
    """Return the Terraform module in `folder` by file name, without its tests."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in MODULE_FILES}


def kit_files(terms: Terms, insights: Mapping[str, Insight], parts: Parts) -> dict[str, str]:
    """Return every file of the kit by its path: the same agreement and contracts give the same text."""
    queries = kit_queries(terms)
    template = template_text(kit_stack(terms, queries, parts.function_code))
    return {
        GUIDE_FILE: guide_text(terms, insights, queries, len(template.encode())),
        TERMS_FILE: terms_text(terms),
        SMOKE_FILE: queries[SMOKE_QUERY],
        TEMPLATE_FILE: template,
        **{f"{MODULE_FOLDER}/{name}": text for name, text in sorted(parts.module.items())},
    }
