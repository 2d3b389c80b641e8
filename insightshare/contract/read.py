"""A project's folders as checked facts, with the problems of all files. What depends on today or on prose is lint's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from insightshare.contract import assemble
from insightshare.contract.checks import rules_of
from insightshare.contract.column_sets import column_set_problems, stated_problems, with_columns
from insightshare.contract.documents import Document
from insightshare.contract.facts import Agreement, Contract, Insight, Project, Source
from insightshare.contract.folders import Files, Folder, find_files
from insightshare.contract.problems import Problem
from insightshare.contract.rules_bands import band_problems
from insightshare.contract.rules_client import account_problems, client_problems
from insightshare.contract.rules_contract import contract_problems, source_problems
from insightshare.contract.rules_inference import inference_problems, sharing_problems
from insightshare.contract.rules_lifecycle import lifecycle_problems, source_lifecycle_problems
from insightshare.contract.rules_pipeline import file_problems, pipeline_problems
from insightshare.contract.rules_properties import repeated_properties
from insightshare.contract.rules_quality import quality_problems
from insightshare.contract.rules_sql import sql_problems
from insightshare.contract.shape import read_schema, shape_problems, standard_problems
from insightshare.errors import ProjectInvalid

SCHEMAS = ("contract", "pipeline", "client", "project")


@dataclass(frozen=True)
class Survey:
    """What the files say, and everything that is wrong with it; a project with problems is not to be used."""

    project: Project
    files: Files
    problems: tuple[Problem, ...]


def load_project(root: Path) -> Project:
    """The project under `root`; ProjectInvalid, with every problem of every file, if any is wrong."""
    found = survey(root)
    if any(problem.severity == "error" for problem in found.problems):
        raise ProjectInvalid(found.problems)
    return found.project


def survey(root: Path) -> Survey:
    """Reads every file and holds it to every rule that needs neither the day nor the README."""
    files = find_files(root)
    project = _project(files)
    problems = {*files.problems, *_document_problems(root, files), *_rule_problems(files, project)}
    return Survey(project, files, tuple(sorted(problems)))


def _project(files: Files) -> Project:
    root = files.project.value
    name = root.get("project") if isinstance(root, dict) else None
    insights = {name: _insight(folder) for name, folder in files.insights.items()}
    agreements = {name: assemble.agreement(document.value) for name, document in files.clients.items()}
    return Project(
        name=name if isinstance(name, str) else "",
        environments=assemble.environments(root),
        sources={name: _source(folder) for name, folder in files.sources.items()},
        insights=insights,
        clients={name: with_columns(agreement, insights) for name, agreement in agreements.items()},
    )


def _source(folder: Folder) -> Source:
    custom = assemble.custom_properties(folder.contract.value)
    return Source(
        **_common(folder),
        licence=custom.get("licence", ""),
        citation=custom.get("citation", ""),
        origin=custom.get("origin", ""),
        covers_from=_covered(custom["coversFrom"]) if "coversFrom" in custom else None,
        covers_to=_covered(custom["coversTo"]) if "coversTo" in custom else None,
    )


def _covered(value: str) -> date:
    return assemble.day(value, assemble.FIRST_COVERED_DAY)


def _insight(folder: Folder) -> Insight:
    document, contract = folder.pipeline.value if folder.pipeline else None, folder.contract.value
    custom = assemble.custom_properties(contract)
    return Insight(
        **_common(folder),
        pipeline=assemble.pipeline(document, folder.queries),
        status=assemble.status(contract),
        replaced_by=custom.get("replacedBy", ""),
        readable_until=assemble.day(custom["readableUntil"]) if "readableUntil" in custom else None,
        column_sets=assemble.column_sets(contract),
        internal=custom.get("internal", ""),
    )


def _common(folder: Folder) -> dict[str, Any]:
    contract = replace(assemble.contract(folder.contract.value), name=folder.name)
    return {item.name: getattr(contract, item.name) for item in fields(Contract)}


def _document_problems(root: Path, files: Files) -> Iterator[Problem]:
    schemas = {}
    for kind in SCHEMAS:
        file = f"schemas/{kind}.schema.json"
        schemas[kind], problems = read_schema(root / file, file)
        yield from problems
    for kind, document in _documents(files):
        yield from document.problems
        if document.value is None:
            continue
        problems = shape_problems(document, schemas[kind])
        yield from problems
        yield from _modeline_problems(document, kind)
        if kind == "contract" and not problems:
            yield from standard_problems(document)


def _documents(files: Files) -> Iterator[tuple[str, Document]]:
    yield "project", files.project
    for folder in (*files.sources.values(), *files.insights.values()):
        yield "contract", folder.contract
        if folder.pipeline:
            yield "pipeline", folder.pipeline
    for document in files.clients.values():
        yield "client", document


def _modeline_problems(document: Document, kind: str) -> Iterator[Problem]:
    up = "../" * document.file.count("/")
    wanted = f"# yaml-language-server: $schema={up}schemas/{kind}.schema.json"
    if document.text.split("\n", 1)[0].rstrip() != wanted:
        expected = "the modeline by which editors find the schema"
        yield Problem(document.file, "line 1", "what is there", expected, f"make the first line {wanted}")


def _rule_problems(files: Files, project: Project) -> Iterator[Problem]:
    for name, source in project.sources.items():
        yield from _contract_rules(files.sources[name], source)
        custom = assemble.custom_properties(files.sources[name].contract.value)
        yield from source_lifecycle_problems(files.sources[name].contract.file, custom)
        if _is_map(files.sources[name].contract):
            yield from source_problems(files.sources[name].contract.file, source)
    for name, insight in project.insights.items():
        folder = files.insights[name]
        yield from _contract_rules(folder, insight)
        yield from lifecycle_problems(folder.contract.file, insight, project.insights)
        yield from column_set_problems(folder.contract.file, insight)
        if folder.pipeline and _is_map(folder.pipeline):
            yield from pipeline_problems(folder.pipeline.file, insight, project.sources)
            yield from file_problems(folder.path, insight.pipeline)
            yield from sql_problems(folder.path, insight, project.sources)
    yield from _client_rules(files, project)


def _contract_rules(folder: Folder, contract: Contract) -> Iterator[Problem]:
    value = folder.contract.value
    if not isinstance(value, dict):
        return
    declared = {"id": value.get("id"), "schema[0].name": assemble.contract(value).name}
    texts = {field: name for field, name in declared.items() if isinstance(name, str)}
    yield from contract_problems(folder.contract.file, contract, texts)
    yield from repeated_properties(folder.contract.file, value)
    yield from quality_problems(folder.contract.file, contract, rules_of(value))
    yield from inference_problems(folder.contract.file, contract)
    yield from band_problems(folder.contract.file, contract)


def _client_rules(files: Files, project: Project) -> Iterator[Problem]:
    agreements: Mapping[str, tuple[str, Agreement]] = {
        name: (files.clients[name].file, agreement) for name, agreement in project.clients.items()
    }
    for name, (file, agreement) in agreements.items():
        yield from client_problems(file, name, agreement, project.insights, project.environments)
        yield from stated_problems(file, agreement, project.insights)
        yield from sharing_problems(file, agreement, project.insights)
    yield from account_problems(agreements)


def _is_map(document: Document) -> bool:
    return isinstance(document.value, dict)
