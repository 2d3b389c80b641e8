"""Every error that this library raises, named for who acts on it. Holds no logic of its own and catches nothing.

InsightshareError
├── ProjectInvalid      contract author: files in insights/, sources/ or clients/ are wrong
├── DataInvalid         data owner: the data broke its promise; nothing was published
├── UsageError          caller: asked for something that cannot be done
├── NotFound            caller: asked for something that does not exist, or that it may not see
├── AccessRefused       administrator: the caller lacks a grant or a permission
├── QueryFailed         reader: the query engine refused or stopped the query
├── ManifestRefused     platform engineer: a manifest does not describe its own run folder; nothing was changed
├── PlatformError       platform engineer: a setting or resource is wrong, or AWS answered something unexpected
├── Conflict            operator: somebody else decided in between; nothing was changed; look again
└── Retryable           nobody: the same call may succeed later
"""

from collections.abc import Iterable
from typing import Self


class InsightshareError(Exception):
    """One line for a person: what is wrong where, and what to do. Never holds data values, tokens or signed URLs."""

    def __init__(self, message: str) -> None:
        super().__init__(message)

    @classmethod
    def at(cls, resource: str, field: str, found: str, expected: str, fix: str) -> Self:
        """Return the error whose line is `<resource>: <field>: <found> is not <expected>. Fix: <fix>.`"""
        return cls(" ".join(f"{resource}: {field}: {found} is not {expected}. Fix: {fix.rstrip('.')}.".split()))


class ProjectInvalid(InsightshareError):
    """Files of the project are wrong; holds every problem found, and prints one line for each."""

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = tuple(problems)
        Exception.__init__(self, self.problems)  # all of it, so that the error survives pickling

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class DataInvalid(InsightshareError):
    """The data broke its promise; nothing was published."""


class UsageError(InsightshareError):
    """The caller asked for something that cannot be done."""


class NotFound(InsightshareError):
    """The caller asked for something that does not exist, or that it may not see."""


class AccessRefused(InsightshareError):
    """The caller lacks a grant or a permission."""


class QueryFailed(InsightshareError):
    """The query engine refused or stopped the query."""


class ManifestRefused(InsightshareError):
    """A manifest does not describe its own run folder; nothing was changed."""


class PlatformError(InsightshareError):
    """A setting or resource is wrong, or AWS answered something unexpected."""


class Conflict(InsightshareError):
    """Somebody else decided in between; nothing was changed."""


class Retryable(InsightshareError):
    """The same call may succeed later."""
