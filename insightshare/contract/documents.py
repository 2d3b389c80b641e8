"""One YAML file as plain values, refusing what its readers would read differently. Knows nothing of what files mean.

Terraform, PyYAML and editors disagree about `012345670001`, `NO`, `1_000` and unquoted dates, and keep the last of two
equal keys without a word. Here these are problems, found on the text itself, before any value is made of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from insightshare.contract.problems import Problem, shown

Value = object
PLAIN_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}([eE][-+]?[0-9]{1,2})?")
BLOCK_STYLES = ("|", ">")
BLOCK_CHARACTERS = "\n\t"
"""What a text of several lines may hold beside what can be seen."""
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of characters, and ends of lines and paragraphs."""
TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """A file's values, and the problems that reading it met. `value` is None where nothing could be read."""

    file: str
    text: str = ""
    value: Value = None
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, field_name: str, found: str, expected: str, fix: str) -> None:
        self.problems.append(Problem(self.file, field_name, found, expected, fix))


def read_document(path: Path, file: str) -> Document:
    """The YAML file at `path`, which messages call `file`."""
    document = Document(file)
    try:
        document.text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        document.refuse(f"byte {error.start + 1}", "the text", "UTF-8", "save the file as UTF-8")
        return document
    except FileNotFoundError:
        document.refuse("file", "nothing", "a file", "add it")
        return document
    except OSError as error:
        document.refuse("file", f"what was found ({error.strerror})", "a readable file", "make it one")
        return document
    _parse(document)
    return document


def _parse(document: Document) -> None:
    try:
        if "*" in document.text and _has_alias(document.text):
            document.refuse("file", "an alias (*name)", "plain YAML", "write the value out where it is used")
            return
        node = yaml.compose(document.text, Loader=yaml.SafeLoader)
        document.value = None if node is None else _value(document, node, "")
        if document.value is None:
            document.refuse("file", "an empty file", "a YAML map", "fill it in, or delete it")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}" if mark else "file"
        reason = " ".join(part for part in (error.context, error.problem) if part)
        document.refuse(line, f"text that the parser refuses ({reason})", "YAML", "correct it")
    except yaml.YAMLError as error:
        document.refuse("file", f"text that the parser refuses ({str(error).splitlines()[0]})", "YAML", "correct it")
    except RecursionError:
        document.refuse("file", "a value nested this deep", "YAML for people", "flatten it")


def _has_alias(text: str) -> bool:
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))


def _value(document: Document, node: yaml.Node, path: str) -> Value:
    if isinstance(node, yaml.MappingNode):
        return _map(document, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, f"{path}[{index}]") for index, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - composed nodes are of these three kinds
    return _scalar(document, node, path)


def _map(document: Document, node: yaml.MappingNode, path: str) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.refuse(f"line {line}", "a list or map as a key", "text", "write a name before the colon")
            continue
        key = _seen(document, key_node, f"line {line}")
        where = f"{path}.{key}" if path else key
        if key in result:
            document.refuse(where, f"a second {key} on line {line}", "the only one", "keep one of them")
            continue
        result[key] = _value(document, value_node, where)
    return result


def _scalar(document: Document, node: yaml.ScalarNode, path: str) -> Value:
    where = path or f"line {node.start_mark.line + 1}"
    raw = _seen(document, node, where)
    kind = str(node.tag).removeprefix(TAG)
    if kind == "str":
        return raw
    if kind == "null":
        return None
    if kind == "bool" and raw in ("true", "false"):
        return raw == "true"
    if kind == "int" and PLAIN_INTEGER.fullmatch(raw):
        return int(raw)
    if kind == "float" and PLAIN_NUMBER.fullmatch(raw):
        return float(raw)
    if kind in ("int", "float") and not raw.isdigit():
        fix = f'write it as a plain number, or put it in quotes: "{raw}"'
        document.refuse(where, f"unquoted {raw}", "a number that all readers take alike", fix)
        return 0
    if kind in ("bool", "int", "float", "timestamp"):
        document.refuse(where, f"unquoted {raw}", "text", f'put it in quotes: "{raw}"')
        return raw
    document.refuse(where, f"the tag {shown(str(node.tag))}", "plain YAML", "remove the tag")
    return raw


def _seen(document: Document, node: yaml.ScalarNode, where: str) -> str:
    """The scalar's text without what nobody sees in it; what was there is a problem."""
    raw, allowed = str(node.value), BLOCK_CHARACTERS if node.style in BLOCK_STYLES else ""
    unseen = [letter for letter in raw if letter not in allowed and unicodedata.category(letter) in UNSEEN]
    if not unseen:
        return raw
    found = f"text with the character U+{ord(unseen[0]):04X}"
    document.refuse(where, found, "text that can be read as it stands", "remove it, or write several lines after |")
    return "".join(letter for letter in raw if letter not in unseen)
