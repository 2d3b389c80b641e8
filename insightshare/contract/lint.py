"""Every problem of every file of a project: what `load_project` refuses, and what depends on the day or on prose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from insightshare.contract.folders import README
from insightshare.contract.problems import Problem
from insightshare.contract.read import Survey, survey
from insightshare.contract.readme import render
from insightshare.contract.rules_client import expiry_problems
from insightshare.contract.rules_lifecycle import end_problems, outlived_problems, unreadable_problems
from insightshare.contract.rules_pipeline import waiver_problems


def lint(root: Path, today: date) -> list[Problem]:
    """All problems, sorted by file and field; those of severity "warning" stop nobody."""
    found = survey(root)
    return sorted({*found.problems, *_day_problems(found, today), *_readme_problems(found)})


def _day_problems(found: Survey, today: date) -> Iterator[Problem]:
    for name, agreement in found.project.clients.items():
        file = found.files.clients[name].file
        yield from expiry_problems(file, agreement, today)
        yield from outlived_problems(file, agreement, found.project.insights)
        yield from unreadable_problems(file, agreement, found.project.insights, today)
    for name, insight in found.project.insights.items():
        yield from end_problems(found.files.insights[name].contract.file, insight, today)
        document = found.files.insights[name].pipeline
        if document is not None:
            yield from waiver_problems(document.file, insight.pipeline, found.project.sources, today)


def _readme_problems(found: Survey) -> Iterator[Problem]:
    """A README is compared only where what it is rendered from has no problem."""
    for name, folder in found.files.insights.items():
        insight = found.project.insights[name]
        behind = (f"{folder.path}/", *(f"sources/{source}/" for source in insight.pipeline.inputs))
        if any(problem.file.startswith(behind) or problem.file == "sources" for problem in found.problems):
            continue
        file, fix = f"{folder.path}/{README}", "run insightshare docs"
        if folder.readme is None:
            yield Problem(file, "file", "nothing", "the documentation of the insight", fix)
        elif folder.readme != render(insight, found.project.sources):
            yield Problem(file, "file", "what is there", "what the contract and the pipeline say", fix)
