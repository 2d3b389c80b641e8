"""What a function of the allow-list is, and how its signature binds to types. The lists are in `functions_*.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from athenasql.coercion import coerces, common_type
from athenasql.errors import SqlError
from athenasql.types import INTEGERS, NUMBERS, UNKNOWN, Type, parse_type

# Type variables of signatures; a letter that is not here stands for any type.
_VARIABLES: dict[str, tuple[str, ...]] = {
    "N": NUMBERS,
    "I": INTEGERS,
    "F": ("real", "double"),
    "M": ("decimal",),
    "D": ("date", "timestamp", "timestamp with time zone"),
    "A": ("timestamp", "timestamp with time zone"),
}


@dataclass(frozen=True)
class Arguments:
    """What a template may look at: rendered arguments, their literal text (None if none), types, the result."""

    sql: tuple[str, ...]
    literals: tuple[str | None, ...]
    types: tuple[Type, ...]
    result: str
    window: str
    engine: str

    def literal(self, index: int, what: str) -> str:
        text = self.literals[index]
        if text is None:
            raise SqlError("NOT_SUPPORTED", f"{what} must be a literal here")
        return text


Template = str | Callable[[Arguments], str] | None


@dataclass(frozen=True)
class Function:
    """One overload: parameters and result as Trino documents them, and how each engine computes the same."""

    name: str
    parameters: tuple[Type, ...]
    variadic: bool
    returns: Type | Callable[[Sequence[Type]], Type]
    kind: str
    duckdb: Template
    spark: Template

    def arity_fits(self, count: int) -> bool:
        return count >= len(self.parameters) if self.variadic else count == len(self.parameters)

    def parameter(self, index: int) -> Type:
        return self.parameters[min(index, len(self.parameters) - 1)]


SAME = "same"


def function(
    signature: str,
    duckdb: Template = SAME,
    spark: Template = SAME,
    kind: str = "scalar",
    returns: Callable[[Sequence[Type]], Type] | None = None,
) -> Function:
    """One overload from `name(type, type...) -> type`; a template left out calls the engine's function of that name."""
    found = re.fullmatch(r"(\w+)\((.*)\) -> (.+)", signature)
    if not found:
        raise ValueError(f"{signature}: signature is not readable. Fix: write name(types) -> type")
    name, inside, result = found.groups()
    parameters = [_pattern(part) for part in _split(inside.removesuffix("..."))]
    return Function(
        name,
        tuple(parameters),
        inside.endswith("..."),
        returns or _pattern(result),
        kind,
        _default(name, len(parameters), inside.endswith("..."), kind) if duckdb == SAME else duckdb,
        _default(name, len(parameters), inside.endswith("..."), kind) if spark == SAME else spark,
    )


def _default(name: str, count: int, variadic: bool, kind: str) -> Template:
    if variadic:
        return lambda call: f"{name}({', '.join(call.sql)})"
    return f"{name}({', '.join(f'{{{i}}}' for i in range(count))})" + ("" if kind == "scalar" else "{w}")


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def _pattern(text: str) -> Type:
    found = re.fullmatch(r"(array|map|function)\((.*)\)", text.strip())
    if found:
        return Type(found[1], (), tuple(("", _pattern(part)) for part in _split(found[2])))
    if re.fullmatch(r"[A-Z]", text.strip()):
        return Type(text.strip())
    return parse_type(text.strip())


Bindings = dict[str, Type]


def bind(pattern: Type, kind: Type, bindings: Bindings) -> bool:
    """Whether an argument of type `kind` fits; type variables are bound, or widened, in `bindings`."""
    if len(pattern.name) == 1:
        allowed = _VARIABLES.get(pattern.name)
        if allowed and kind != UNKNOWN and kind.name not in allowed:
            return False
        known = bindings.get(pattern.name)
        widened = kind if known is None else common_type(known, kind)
        if widened is None:
            return False
        bindings[pattern.name] = widened
        return True
    if pattern.fields:
        if kind == UNKNOWN:
            return all(bind(inner, UNKNOWN, bindings) for _, inner in pattern.fields)
        if kind.name != pattern.name:
            return False
        return all(bind(p, k, bindings) for (_, p), (_, k) in zip(pattern.fields, kind.fields, strict=True))
    return coerces(kind, pattern)


def substitute(pattern: Type, bindings: Mapping[str, Type]) -> Type:
    """The pattern with its variables replaced by what they were bound to."""
    if len(pattern.name) == 1:
        return bindings.get(pattern.name, UNKNOWN)
    if not pattern.fields:
        return pattern
    labels = {"array": ("element",), "map": ("key", "value")}.get(pattern.name, ("",) * len(pattern.fields))
    inner = [substitute(kind, bindings) for _, kind in pattern.fields]
    return Type(pattern.name, (), tuple(zip(labels, inner, strict=True)))


def result_type(chosen: Function, types: Sequence[Type], bindings: Mapping[str, Type]) -> Type:
    return chosen.returns(types) if callable(chosen.returns) else substitute(chosen.returns, bindings)


def fill(template: Template, name: str, call: Arguments, engine: str) -> str:
    """The engine's SQL of one call."""
    if template is None:
        raise SqlError("NOT_SUPPORTED", f"Function {name} is not supported on {engine}")
    if callable(template):
        return template(call)
    return template.format(*call.sql, w=call.window, r=call.result)
