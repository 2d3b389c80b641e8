"""Holds a pipeline's SQL against its contracts: it parses, names what exists, and yields exactly what was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping

from sqlglot import exp

from athenasql import SqlError, TypedQuery, parse_type, to_spark, typed_query
from insightshare.contract.facts import AS_OF, Insight, Model, Source
from insightshare.contract.folders import CONTRACT, PIPELINE
from insightshare.contract.problems import Problem, instead, listed, shown
from insightshare.contract.queries import Tables, bind, input_tables, placeholders, scored_tables
from insightshare.contract.rules_bands import exactness_problems
from insightshare.contract.rules_carried import carried_problems
from insightshare.contract.rules_inference import prediction_problems

ANY_DAY = "2000-01-01"
FEATURE_TYPES = ("varchar", "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double")


def sql_problems(folder: str, insight: Insight, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """Problems of score.sql and, for a model, of features.sql; silent where a contract behind them is unusable."""
    pipeline = insight.pipeline
    yield from _unused_constants(f"{folder}/{PIPELINE}", insight)
    tables = input_tables(insight, sources)
    if not tables or len(tables) < len(pipeline.inputs) or not all(_usable(types) for types in tables.values()):
        return
    before: tuple[TypedQuery, ...] = ()
    if pipeline.kind == "model":
        typed = yield from _typed(folder, "features", insight, tables)
        if typed is None:
            return
        yield from _feature_problems(f"{folder}/features.sql", insight, typed, sources)
        if pipeline.model:
            yield from _model_problems(f"{folder}/{PIPELINE}", pipeline.model, typed, insight)
        tables, before = scored_tables(insight, dict(typed.output)), (typed,)
    typed = yield from _typed(folder, "score", insight, tables)
    if typed is not None and insight.types:
        yield from _output_problems(f"{folder}/score.sql", insight, typed)
        queries = (*before, typed)
        yield from exactness_problems(f"{folder}/score.sql", insight, queries)
        yield from carried_problems(f"{folder}/{CONTRACT}", insight, queries, sources)
        yield from prediction_problems(f"{folder}/{CONTRACT}", insight, queries, sources)


def _typed(folder: str, name: str, insight: Insight, tables: Tables) -> Generator[Problem, None, TypedQuery | None]:
    """The typed query, or the problem that stops it from being typed."""
    sql = insight.pipeline.queries.get(name)
    if sql is None:
        return None
    file = f"{folder}/{name}.sql"
    try:
        typed = typed_query(bind(sql, insight.pipeline, ANY_DAY), tables)
        yield from _engine_problems(file, insight, typed)
        return typed
    except SqlError as error:
        where = f"line {error.line}" if error.line else "file"
        fix = _fix(error, tables, insight)
        detail = error.detail.removesuffix(" or requester is not authorized to access requested resources")
        yield Problem(file, where, f"SQL that Athena refuses ({detail})", "SQL that it runs", fix)
    except RecursionError:
        yield Problem(file, "file", "SQL nested this deep", "SQL for people", "give its parts names with WITH")
    return None


def _engine_problems(file: str, insight: Insight, typed: TypedQuery) -> Iterator[Problem]:
    """What Athena and DuckDB run, and Spark does not run alike, is a problem where the pipeline asks for Spark."""
    if insight.pipeline.engine != "spark":
        return
    try:
        to_spark(typed)
    except SqlError as error:
        fix = f"write it another way, or choose engine: duckdb in {PIPELINE}"
        yield Problem(file, "file", f"SQL that Spark cannot run ({error.detail})", "SQL of the pipeline's engine", fix)


def _fix(error: SqlError, tables: Tables, insight: Insight) -> str:
    name = error.detail.split("'")[1].split(".")[-1].lstrip(":") if error.detail.count("'") > 1 else ""
    if error.code == "TABLE_NOT_FOUND":
        return instead(name, tables, f"read {listed(tables)}")
    if error.code == "COLUMN_NOT_FOUND":
        columns = sorted({column for types in tables.values() for column in types})
        if name in columns:
            return f"say of which table, as {next(iter(tables))}.{name}, and only of one that it reads"
        return instead(name, columns, "choose a column of the tables that it reads")
    if error.code == "AMBIGUOUS_NAME":
        return f"say of which table, as {next(iter(tables))}.{name}"
    if error.code == "PARAMETER_NOT_FOUND":
        known = [AS_OF, *insight.pipeline.constants]
        return instead(name, known, f"add it to parameters in {PIPELINE}")
    if error.code == "FUNCTION_NOT_FOUND":
        return "choose a function and argument types that athenasql supports"
    return "correct it"


def _unused_constants(file: str, insight: Insight) -> Iterator[Problem]:
    try:
        used = {name for sql in insight.pipeline.queries.values() for name in placeholders(sql)}
    except SqlError:
        return
    for field, constants in (("parameters", insight.pipeline.parameters), ("weights", insight.pipeline.weights)):
        for name in constants:
            if name not in used and name != AS_OF and insight.pipeline.queries:
                yield Problem(
                    file,
                    f"{field}.{name}",
                    f"the name {name}",
                    "used in any SQL",
                    f"write :{name} where it is meant, or remove it",
                )


def _output_problems(file: str, insight: Insight, typed: TypedQuery) -> Iterator[Problem]:
    found, promised = dict(typed.output), insight.types
    yield from _doubles(file, typed)
    renamed = _renamed(list(found), list(promised))
    for name, meant in renamed.items():
        expected, fix = f"{meant}, as the contract has it there", f"write {meant}, or rename it in the contract too"
        yield Problem(file, name, f"the output column {shown(name)}", expected, fix)
    for name in promised:
        if name not in found and name not in renamed.values():
            fix = "select it, or remove it from contract.odcs.yaml"
            yield Problem(file, name, "no output column", "what the contract promises", fix)
    for name in found:
        if name not in promised and name not in renamed:
            fix = instead(
                name, [other for other in promised if other not in found], "remove it, or add it to the contract"
            )
            yield Problem(file, name, f"the output column {shown(name)}", "a column of the contract", fix)
    for name, kind in found.items():
        if name in promised and not _same_type(kind, promised[name]):
            fix = f"cast it, as CAST({name} AS {parse_type(promised[name])})"
            yield Problem(file, name, kind, f"{promised[name]}, the contract's type", fix)
    order = [name for name, _ in typed.output]
    if sorted(order) == sorted(promised) and order != list(promised):
        expected = f"the contract's order: {', '.join(promised)}"
        yield Problem(
            file, "columns", f"the order {', '.join(order)}", expected, "select the columns in the contract's order"
        )


def _renamed(found: list[str], promised: list[str]) -> dict[str, str]:
    """What the contract has in the place of an output column that it does not know: one mistake, not two."""
    if len(found) != len(promised):
        return {}
    pairs = zip(found, promised, strict=True)
    return {name: meant for name, meant in pairs if name not in promised and meant not in found}


def _feature_problems(
    file: str, insight: Insight, typed: TypedQuery, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    found = dict(typed.output)
    yield from _doubles(file, typed)
    for name in insight.key:
        if name not in found:
            yield Problem(file, name, "no output column", "the key, which the contract has", "select it")
        elif not _same_type(found[name], insight.types[name]):
            yield Problem(file, name, found[name], f"{insight.types[name]}, the contract's type", "cast it")
    protected = {name for source in insight.pipeline.inputs for name in sources[source].protected_columns}
    read = {column.name.lower() for column in typed.expression.find_all(exp.Column)}
    for name in sorted(protected & read):
        found_text, expected = f"the protected column {name}", "a column that a model may know"
        yield Problem(file, name, found_text, expected, "remove it from features.sql")


def _model_problems(file: str, model: Model, typed: TypedQuery, insight: Insight) -> Iterator[Problem]:
    output = dict(typed.output)
    for name in model.features:
        if name not in output:
            yield Problem(
                file,
                "model.features",
                f"feature {name}",
                "a column of features.sql",
                instead(name, output, "remove it"),
            )
        elif name in insight.key or name == model.label:
            what = "label" if name == model.label else "key"
            yield Problem(file, "model.features", f"the {what} {name}", "a feature", "remove it")
        elif parse_type(output[name]).name not in FEATURE_TYPES:
            expected = "a number, text or boolean"
            yield Problem(
                file, "model.features", f"feature {name} of type {output[name]}", expected, "cast it in features.sql"
            )
    if model.label and model.label not in output:
        yield Problem(
            file, "model.label", model.label, "a column of features.sql", instead(model.label, output, "select it")
        )
    elif model.label and output[model.label] != "boolean":
        yield Problem(
            file, "model.label", f"a label of type {output[model.label]}", "boolean", "compare it in features.sql"
        )
    prepared_for = {*insight.key, *model.features, model.label}
    for name in output:
        if name not in prepared_for:
            fix = "add it to model.features, or remove it from features.sql"
            yield Problem(
                file, "model.features", f"the list without {name}", "every column that features.sql prepares", fix
            )


def _doubles(file: str, typed: TypedQuery) -> Iterator[Problem]:
    for name, times in Counter(name for name, _ in typed.output).items():
        if times > 1:
            yield Problem(file, name, f"a column that comes out {times} times", "one of its name", "keep one of them")


def _same_type(found: str, promised: str) -> bool:
    """Whether the types agree; a promised type that is none is the contract's problem, and reported there."""
    return not _usable({"": promised}) or parse_type(found) == parse_type(promised)


def _usable(types: Mapping[str, str]) -> bool:
    try:
        return bool(types) and all(parse_type(kind) for kind in types.values())
    except SqlError:
        return False
