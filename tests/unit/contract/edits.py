"""Edits of the small project in tests/data/lint_base, as one makes them in its files; holds no test.

Acme reads spend's customer_id and total, and all of urgency; globex reads all of risk.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from insightshare.contract.column_sets import with_columns
from insightshare.contract.facts import Agreement, Check, Field, Grant, Insight, Project
from insightshare.contract.read import survey

ROOT = Path(__file__).resolve().parents[3]
Edit = Callable[[Insight], Insight]


def small_project() -> Project:
    return survey(ROOT / "tests/data/lint_base").project


def with_insight(project: Project, edit: Edit, name: str = "spend") -> Project:
    """The project with one insight edited; agreements that say a word mean what it means then."""
    insights = {**project.insights, name: edit(project.insights[name])}
    clients = {client: with_columns(agreement, insights) for client, agreement in project.clients.items()}
    return replace(project, insights=insights, clients=clients)


def with_client(project: Project, agreement: Agreement) -> Project:
    return replace(project, clients={**project.clients, agreement.client: with_columns(agreement, project.insights)})


def with_grant(agreement: Agreement, insight: str, **changed: Any) -> Agreement:
    grants = [replace(one, **changed) if one.insight == insight else one for one in agreement.grants]
    return replace(agreement, grants=tuple(grants))


def grant_of(project: Project, client: str, insight: str) -> Grant:
    return next(grant for grant in project.clients[client].grants if grant.insight == insight)


def column(name: str, **changed: Any) -> Edit:
    def edit(insight: Insight) -> Insight:
        columns = [replace(c, **changed) if c.name == name else c for c in insight.columns]
        return replace(insight, columns=tuple(columns))

    return edit


def without(name: str) -> Edit:
    return lambda insight: replace(insight, columns=tuple(c for c in insight.columns if c.name != name))


def with_column(place: int, **said: Any) -> Edit:
    def edit(insight: Insight) -> Insight:
        columns = list(insight.columns)
        columns.insert(place if place >= 0 else len(columns), Field("visits", "bigint", "integer", "Visits.", **said))
        return replace(insight, columns=tuple(columns))

    return edit


def with_checks(*checks: Check) -> Edit:
    return lambda insight: replace(insight, checks=(*insight.checks, *checks))
