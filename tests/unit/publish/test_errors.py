"""Errors survive pickling, print as one line, and are at most ten kinds."""

import pickle

import pytest

from insightshare import errors
from insightshare.errors import InsightshareError, PlatformError, ProjectInvalid

KINDS = sorted(InsightshareError.__subclasses__(), key=lambda kind: kind.__name__)


def test_there_are_at_most_ten_kinds_and_the_module_names_each() -> None:
    tree = errors.__doc__ or ""

    assert len(KINDS) <= 10
    assert [kind.__name__ for kind in KINDS if f"── {kind.__name__} " not in tree] == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not ProjectInvalid])
def test_an_error_survives_pickling(kind: type[InsightshareError]) -> None:
    error = kind.at("churn", "as_of", "'x'", "a date", "give a date.")

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (type(again), str(again)) == (kind, "churn: as_of: 'x' is not a date. Fix: give a date.")


def test_an_invalid_project_prints_one_line_for_each_problem_and_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ProjectInvalid(["first", "second"])))  # noqa: S301 - our own bytes

    assert (str(error), error.problems) == ("first\nsecond", ("first", "second"))


def test_a_line_stays_one_line_whatever_it_quotes() -> None:
    assert "\n" not in str(PlatformError.at("a\nb", "c", "d", "e", "f"))
