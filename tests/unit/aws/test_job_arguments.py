"""A job's arguments: what Glue passes beside ours is ignored, a date is a date, and without one it is today."""

from datetime import UTC, datetime

import pytest

from insightshare.aws.job_arguments import parse_job_arguments
from insightshare.errors import UsageError

GIVEN = {
    "--lake": "s3://lake",
    "--landing": "s3://landing",
    "--registry": "registry",
    "--project": "s3://artefacts/project.zip",
    "--code_version": "abc123",
    "--source": "orders",
    "--JOB_RUN_ID": "jr_1",
}


def words(**more: str) -> list[str]:
    named = GIVEN | {f"--{name}": value for name, value in more.items()}
    return [word for pair in named.items() for word in pair]


def test_a_job_knows_its_subject_and_its_date() -> None:
    arguments = parse_job_arguments(words(as_of="2026-01-31"), "source")

    assert (arguments.source, arguments.as_of, arguments.JOB_RUN_ID) == ("orders", "2026-01-31", "jr_1")


def test_what_glue_passes_beside_our_arguments_is_ignored() -> None:
    glues_own = ["--JOB_NAME", "land", "--enable-metrics", "--TempDir", "s3://temporary", "--lake_extra", "x"]

    assert parse_job_arguments([*glues_own, *words()], "source").lake == "s3://lake"


def test_without_a_date_a_job_is_about_today_in_utc() -> None:
    before = datetime.now(UTC).date().isoformat()
    as_of = parse_job_arguments(words(), "source").as_of

    assert as_of in (before, datetime.now(UTC).date().isoformat())


@pytest.mark.parametrize("text", ["2026-1-31", "20260131", "2026-W05-6", "2026-02-30", "today", "", "2026-01-31' OR 1"])
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_job_arguments(words(as_of=text), "source")

    assert str(refused.value) == f"job: --as_of: {text!r} is not a date YYYY-MM-DD. Fix: write it like 2026-01-31."


def test_the_engine_is_the_pipelines_unless_it_is_named() -> None:
    assert parse_job_arguments(words(), "source").engine is None
    assert parse_job_arguments(words(engine="spark"), "source").engine == "spark"


def test_an_engine_that_is_none_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError) as refused:
        parse_job_arguments(words(engine="pandas"), "source")

    assert str(refused.value) == (
        "job: --engine: 'pandas' is not duckdb or spark. Fix: leave it to the pipeline, or name one."
    )
