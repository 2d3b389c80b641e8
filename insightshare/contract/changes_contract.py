"""What changed between two states of one insight's contract. Asks nobody for what they are granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from insightshare.contract.changes import Change, Effect, Readers, said, together, who_read
from insightshare.contract.facts import Check, Field, Insight
from insightshare.contract.problems import shown

_WORDS = ("title", "description", "purpose", "usage", "limitations", "owner")
_LIFE = ("status", "replaced_by", "readable_until")
# What a column says of itself beside name and type; who is told when it changes.
_MEANINGS: Mapping[str, Effect] = {
    "unit": "breaking",
    "classification": "notice",
    "personal": "notice",
    "band_of": "notice",
    "logical_type": "notice",
    "since": "notice",
    "description": "editorial",
}


def contract_changes(old: Insight, new: Insight, readers: Readers) -> Iterator[Change]:
    """Yield every change of the contract, each with the clients that notice."""
    everyone = tuple(sorted(readers))
    yield from column_changes(old.name, old.types, new.types, readers)
    columns = {column.name: column for column in new.columns}
    for column in old.columns:
        if column.name in columns:
            yield from _meaning_changes(old.name, column, columns[column.name], who_read(readers, column.name))
    if old.key != new.key:
        what = f"{', '.join(old.key)} becomes {', '.join(new.key)}"
        yield Change(old.name, "key", what, "breaking", everyone)
    yield from _check_changes(old, new, everyone)
    yield from _service_level_changes(old, new, everyone)
    for field in _LIFE:
        before, after = getattr(old, field) or None, getattr(new, field) or None
        if before != after:
            yield Change(old.name, field, f"{said(before)} becomes {said(after)}", "notice", everyone)
    for field in _WORDS:
        if getattr(old, field) != getattr(new, field):
            yield Change(old.name, field, "is said otherwise", "editorial")


def column_changes(
    insight: str, before: Mapping[str, str], after: Mapping[str, str], readers: Readers
) -> Iterator[Change]:
    """Yield what happens to a table of columns (Athena type by name) when its columns become others."""
    for name in before:
        hit = who_read(readers, name)
        if name not in after:
            yield Change(insight, f"column {name}", "is gone", "breaking", hit)
        elif before[name] != after[name]:
            yield Change(insight, f"column {name}", f"{before[name]} becomes {after[name]}", "breaking", hit)
    kept = [name for name in before if name in after]
    stayed = [name for name in after if name in before]
    for name, _ in (pair for pair in zip(kept, stayed, strict=True) if pair[0] != pair[1]):
        yield Change(insight, f"column {name}", "stands elsewhere", "breaking", who_read(readers, name))
    last = max((place for place, name in enumerate(after) if name in before), default=-1)
    for place, name in enumerate(after):
        if name not in before and place > last:
            yield Change(insight, f"column {name}", "is new", "compatible")
        elif name not in before:  # it moves those behind it
            yield Change(insight, f"column {name}", "is new but not the last", "breaking", tuple(sorted(readers)))


def _meaning_changes(insight: str, old: Field, new: Field, readers: tuple[str, ...]) -> Iterator[Change]:
    field = f"column {old.name}"
    if old.required and not new.required:
        yield Change(insight, field, "may now be empty", "breaking", readers)
    if new.required and not old.required:
        yield Change(insight, field, "is never empty any more", "compatible")
    for name, effect in _MEANINGS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            told = () if effect == "editorial" else readers
            yield Change(insight, field, f"{name} {said(before)} becomes {said(after)}", effect, told)
    if old.inferred != new.inferred:
        what = "is inferred in another way or for other purposes" if old.inferred else "is said to be inferred"
        what = what if new.inferred else "is no longer said to be inferred"
        yield Change(insight, field, what, "notice", readers)


def _check_changes(old: Insight, new: Insight, readers: tuple[str, ...]) -> Iterator[Change]:
    kept = {check.id: check for check in new.checks}
    known = {check.id for check in old.checks}
    for check in old.checks:
        if check.id not in kept:
            yield Change(old.name, f"check {check.id}", "is gone", "notice", readers)
        elif _rule(check) != _rule(kept[check.id]):
            yield _rule_change(old.name, check, kept[check.id], readers)
    for check in new.checks:
        if check.id not in known:
            yield Change(old.name, f"check {check.id}", "is new", "compatible")


def _rule_change(insight: str, old: Check, new: Check, readers: tuple[str, ...]) -> Change:
    """A closed list that grows meets queries that name each of its values; one that shrinks meets none."""
    field = f"check {old.id}"
    if not old.kind == new.kind == "set" or _rule(old, "values", "kwargs") != _rule(new, "values", "kwargs"):
        return Change(insight, field, "is another rule", "notice", readers)
    added = [shown(value) for value in new.values if value not in old.values]
    if added:
        return Change(insight, field, f"also permits {together(added)}", "notice", readers)
    removed = [shown(value) for value in old.values if value not in new.values]
    return Change(insight, field, f"no longer permits {together(removed)}", "compatible")


def _rule(check: Check, *but: str) -> dict[str, object]:
    """A check without its wording."""
    return {name: value for name, value in vars(check).items() if name not in ("sentence", *but)}


def _service_level_changes(old: Insight, new: Insight, readers: tuple[str, ...]) -> Iterator[Change]:
    before, after = _levels(old), _levels(new)
    for name in sorted(before.keys() | after.keys()):
        was, becomes = before.get(name), after.get(name)
        if was != becomes:
            what = f"{was or 'nothing'} becomes {becomes or 'nothing'}"
            effect: Effect = "notice" if was else "compatible"
            yield Change(old.name, f"service level {name}", what, effect, readers if was else ())


def _levels(insight: Insight) -> dict[str, str]:
    """What is promised, by what it is about."""
    levels: dict[str, list[str]] = {}
    for level in insight.service_levels:
        levels.setdefault(level.property, []).append(f"{level.value:g} {level.unit}")
    return {name: together(sorted(values)) for name, values in levels.items()}
