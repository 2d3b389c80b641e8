"""What a pipeline must keep beyond its shape: inputs, files, weights, schedules, waivers. Its SQL is held elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date

from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import AS_OF, Insight, Pipeline, Source
from insightshare.contract.problems import Problem, instead, listed
from insightshare.contract.rules_drift import drift_problems

HISTORY_RULE = "twelve_months_of_history"
HISTORY_MONTHS = 12


def pipeline_problems(file: str, insight: Insight, sources: Mapping[str, Source]) -> Iterator[Problem]:
    pipeline = insight.pipeline
    for name in pipeline.inputs:
        if name not in sources and sources:
            yield Problem(file, "inputs", f"source {name}", listed(sources), instead(name, sources, "remove it"))
    for name in pipeline.same_day_inputs:
        if name not in pipeline.inputs:
            fix = instead(name, pipeline.inputs, "remove it")
            yield Problem(file, "same_day_inputs", f"source {name}", listed(pipeline.inputs), fix)
    yield from _kind_problems(file, pipeline)
    yield from _constant_problems(file, pipeline)
    yield from _history_problems(file, pipeline, sources)
    yield from drift_problems(file, insight)


def file_problems(folder: str, pipeline: Pipeline) -> Iterator[Problem]:
    """The SQL files that a pipeline's kind needs, no more and no fewer."""
    needed = {"sql": ("score",), "rule": ("score",), "model": ("features", "score")}.get(pipeline.kind, ())
    for name in needed:
        if name not in pipeline.queries:
            yield Problem(
                f"{folder}/{name}.sql", "file", "nothing", f"the SQL that kind {pipeline.kind} needs", "add it"
            )
    for name in pipeline.queries:
        if needed and name not in needed:
            expected = f"a file that kind {pipeline.kind} uses"
            yield Problem(f"{folder}/{name}.sql", "file", f"{name}.sql", expected, "remove it, or write kind: model")


def waiver_problems(file: str, pipeline: Pipeline, sources: Mapping[str, Source], today: date) -> Iterator[Problem]:
    """A waiver whose day is past no longer waives anything."""
    for waiver in pipeline.waivers:
        if NO_DATE < waiver.until < today and _short_of_history(pipeline, sources):
            field, fix = f"waivers[{waiver.rule}].until", "keep the rule, or have the waiver approved again"
            yield Problem(file, field, f'"{waiver.until}"', "a day still to come", fix)


def _kind_problems(file: str, pipeline: Pipeline) -> Iterator[Problem]:
    if pipeline.kind == "model" and pipeline.model is None:
        yield Problem(file, "model", "nothing", "a map that says how the model is trained", "add model")
    if pipeline.kind in ("sql", "rule") and pipeline.model is not None:
        yield Problem(
            file, "model", "the key model", f"a key for kind {pipeline.kind}", "remove it, or write kind: model"
        )
    if pipeline.kind == "model" and "train" not in pipeline.schedules:
        yield Problem(file, "schedules.train", "nothing", "a cron expression for training", "add train")
    if pipeline.kind in ("sql", "rule") and "train" in pipeline.schedules:
        yield Problem(file, "schedules.train", "the key train", f"a job of kind {pipeline.kind}", "remove it")
    if pipeline.kind == "rule" and not pipeline.weights:
        yield Problem(file, "weights", "nothing", "the weights of the rule", "add weights, or write kind: sql")
    if pipeline.kind in ("sql", "model") and pipeline.weights:
        found, expected = "the key weights", f"a key for kind {pipeline.kind}"
        yield Problem(file, "weights", found, expected, "move them to parameters, or write kind: rule")


def _constant_problems(file: str, pipeline: Pipeline) -> Iterator[Problem]:
    total = math.fsum(pipeline.weights.values())
    if pipeline.weights and not math.isclose(total, 1.0, abs_tol=1e-9):
        yield Problem(file, "weights", f"a sum of {total:g}", "1", "change the weights so that they add up to 1")
    for name in sorted(set(pipeline.parameters) & set(pipeline.weights)):
        found, expected = f"a weight and a parameter {name}", "one constant of that name"
        yield Problem(file, f"weights.{name}", found, expected, "rename one of them")
    for field, constants in (("parameters", pipeline.parameters), ("weights", pipeline.weights)):
        if AS_OF in constants:
            found, expected = AS_OF, "a name that is free: the platform gives it"
            yield Problem(file, f"{field}.{AS_OF}", found, expected, "rename it")


def _history_problems(file: str, pipeline: Pipeline, sources: Mapping[str, Source]) -> Iterator[Problem]:
    short = _short_of_history(pipeline, sources)
    waived = any(waiver.rule == HISTORY_RULE for waiver in pipeline.waivers)
    for name, months in short.items():
        if not waived:
            found, expected = f"source {name} with {months} months of history", f"one with {HISTORY_MONTHS}"
            yield Problem(file, "inputs", found, expected, f"use more history, or add a waiver for {HISTORY_RULE}")
    if waived and not short and all(name in sources for name in pipeline.inputs):
        field, found = f"waivers[{HISTORY_RULE}]", "a waiver of a rule that is kept"
        yield Problem(file, field, found, "needed", "remove it")


def _short_of_history(pipeline: Pipeline, sources: Mapping[str, Source]) -> dict[str, int]:
    """Whole months that each input with a time axis covers, where they are too few."""
    months = {}
    for name in pipeline.inputs:
        source = sources.get(name)
        first, last = (source.covers_from, source.covers_to) if source else (None, None)
        if first and last and NO_DATE < first <= last:
            whole = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
            if whole < HISTORY_MONTHS:
                months[name] = whole
    return months
