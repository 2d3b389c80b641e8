"""Regular expressions that mean the same in RE2 (Athena's kin, DuckDB) and in Java (Spark): which, and how Java's read.

Matches nothing. RE2 takes no time that grows out of proportion; the price is no look-around and no back-reference.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MOST_REPEATS = 1000  # RE2's own limit
_ESCAPES = frozenset("dDwWsSbBAtnrf")
_TOKEN = re.compile(
    r"(?P<escape>\\(?:x[0-9A-Fa-f]{2}|.|$))"
    r"|(?P<named>\(\?P<\w+>)"
    r"|(?P<flags>\(\?[ims]+[:)])"
    r"|(?P<plain>\(\?:)"
    r"|(?P<odd>\(\?(?:<[=!]|P=|.|$)<?)"
    r"|(?P<repeat>\{\d+(?:,\d*)?\}|[*+?])"
    r"|(?P<one>.)",
    re.DOTALL,
)
_WORD_EDGE = r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"
_NO_WORD_EDGE = r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"


@dataclass(frozen=True)
class _Part:
    kind: str
    text: str
    inside: bool
    """Whether it stands in a class such as [a-z]."""


def regex_problem(pattern: str) -> str | None:
    """What in the pattern no RE2 knows, or does not mean the same in Java; None where all is well."""
    try:
        with warnings.catch_warnings(action="error", category=FutureWarning):
            re.compile(pattern)
    except FutureWarning:
        return "a class within a class"
    except (re.error, OverflowError, RecursionError):
        return "a pattern that does not parse"
    before = ""
    for part in _parts(pattern):
        found = _odd(part, before)
        if found:
            return found
        before = part.kind
    return None


def java_regex(pattern: str) -> str:
    """The pattern in Java's spelling: a dot is anything but a line feed, `$` is the very end, classes do not nest."""
    parts = list(_parts(pattern))
    by_line = any(part.kind == "flags" and "m" in part.text for part in parts)
    return "(?du)" + "".join(_java(part, by_line) for part in parts)


def like_regex(pattern: str) -> str:
    """A LIKE pattern as a regular expression: `%` is anything, `_` one character."""
    signs = {"%": ".*", "_": "."}
    return "(?s)^" + "".join(signs.get(sign) or re.escape(sign) for sign in pattern) + "$"


def _odd(part: _Part, before: str) -> str | None:
    if part.kind == "odd":
        return _name(part.text)
    if part.kind == "escape":
        sign = part.text[1:2]
        if sign.isdigit() and sign != "0" and not part.inside:
            return f"the back-reference {part.text}"
        if (sign.isalnum() and sign not in _ESCAPES and sign != "x") or (part.inside and sign in "bBA"):
            return f"the escape {part.text}"
    if part.kind == "repeat" and not part.inside:
        if before == "repeat" and part.text == "+":
            return "the possessive repeat"
        if any(int(number) > MOST_REPEATS for number in re.findall(r"\d+", part.text)):
            return f"the repeat {part.text}"
    if part.kind == "posix":
        return f"the class {part.text}"
    return None


def _name(text: str) -> str:
    names = {"(?=": "look-ahead", "(?!": "look-ahead", "(?<": "look-behind", "(?P": "back-reference by name"}
    return f"the {names.get(text[:3], 'group')} {text}"


def _parts(pattern: str) -> Iterator[_Part]:
    """The pattern's tokens, each with whether it stands in a class."""
    position, opened = 0, -1
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if found is None:  # cannot be: the last branch takes any character
            return
        kind, text = found.lastgroup or "one", found[0]
        if opened >= 0 and kind != "escape":
            kind, text = "one", pattern[position]
            posix = re.match(r"\[:\^?\w+:\]", pattern[position:])
            if posix:
                kind, text = "posix", posix[0]
        first_in_class = opened >= 0 and pattern[opened + 1 : position] in ("", "^")
        closes = opened >= 0 and text == "]" and not first_in_class
        yield _Part(kind, text, opened >= 0 and not closes)
        if closes:
            opened = -1
        elif opened < 0 and kind == "one" and text == "[":
            opened = position
        position += len(text)


def _java(part: _Part, by_line: bool) -> str:
    if part.inside:
        if part.kind == "one" and part.text in "[]&":
            return "\\" + part.text
        return r"\t\n\f\r " if part.text == r"\s" else part.text
    if part.kind == "named":
        return "("
    spelt = {r"\b": _WORD_EDGE, r"\B": _NO_WORD_EDGE, r"\s": r"[\t\n\f\r ]", r"\S": r"[^\t\n\f\r ]"}
    if part.text == "$" and not by_line:
        return r"\z"
    return spelt.get(part.text, part.text) if part.kind == "escape" else part.text
