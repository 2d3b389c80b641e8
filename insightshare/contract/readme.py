"""An insight's README, rendered from its contract and pipeline. Writes no file; nobody edits the result by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from insightshare.contract.drift import LEVELS, DriftLimit, DriftMeasure
from insightshare.contract.facts import AS_OF, RUN_ID, Contract, Field, Insight, Pipeline, Source

_DRIFT_HEADING = ("| measure | noted from | a warning from | rejected from |", "|---|---|---|---|")
PLAIN: tuple[DriftMeasure, ...] = ("psi", "ks")  # numbers that are no shares of anything


def render(insight: Insight, sources: Mapping[str, Source]) -> str:
    """The README.md of the insight, whole."""
    sections = [
        f"# {insight.title}",
        "<!-- Rendered by `insightshare docs` from contract.odcs.yaml and pipeline.yaml: edit those. -->",
        f"{insight.description}\n\nTable `{insight.name}`, version {insight.version}, owned by {insight.owner}.",
        *_deprecation(insight),
        *([f"**Internal:** no agreement may grant it. {insight.internal}"] if insight.internal else []),
        f"**For:** {insight.purpose}",
        f"**How to use it:** {insight.usage}",
        f"**Limitations:** {insight.limitations}",
        "## Columns",
        _columns(insight),
        *_inferred(insight),
        "## How to read it",
        _reading(insight),
        "## How it is made",
        f"**Objective:** {insight.pipeline.objective}\n\n{insight.pipeline.method}",
        *_constants(insight.pipeline),
        *_model(insight.pipeline),
        *_waivers(insight.pipeline),
        "## What is checked before anything is published",
        "A run that breaks one of these rules is rejected, and readers keep the one before it.",
        "\n".join(f"- {check.sentence}{_consequence(check.severity)}" for check in insight.checks),
        *_drift(insight),
        *_promises(insight),
        "## Where the data come from",
        *[_source(sources[name], insight.pipeline) for name in insight.pipeline.inputs if name in sources],
    ]
    return "\n\n".join(sections) + "\n"


def _deprecation(insight: Insight) -> list[str]:
    if insight.status != "deprecated":
        return []
    return [f"**Deprecated:** read `{insight.replaced_by}` instead; this table goes after {insight.readable_until}."]


def write_readmes(root: Path, insights: Mapping[str, Insight], sources: Mapping[str, Source]) -> list[Path]:
    """Writes each insight's README.md under `root`; the files that changed."""
    changed = []
    for name, insight in insights.items():
        path, text = root / "insights" / name / "README.md", render(insight, sources)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _columns(insight: Insight) -> str:
    rows = [
        "| column | type | unit | meaning | may be empty | classification |",
        "|---|---|---|---|---|---|",
        *[_row(column, insight) for column in insight.columns],
        f"| `{AS_OF}` | `string` |  | Day that the row is about, as `2026-11-20`. | no | internal |",
    ]
    return "\n".join(rows)


def _row(column: Field, insight: Insight) -> str:
    key = " Part of the key." if column.name in insight.key else ""
    cells = [
        f"`{column.name}`", f"`{column.type}`", column.unit or "", column.description + key,
        "no" if column.required else "yes", column.classification + (", personal" if column.personal else ""),
    ]  # fmt: skip
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _inferred(insight: Insight) -> list[str]:
    """What readers must know of guesses: how they were made, how sure they are, what for, in groups of how many."""
    rows = [
        f"| `{column.name}` | {said.method} | `{said.confidence}` | {', '.join(said.purposes)} | {said.minimum_cell} |"
        for column in insight.columns
        if (said := column.inferred)
    ]
    if not rows:
        return []
    return [
        "## What is inferred",
        "Nobody gave or counted these: they are conclusions about people, right for some and wrong for others. "
        "Use them for nothing but their purposes, which each agreement names; show no number about a smaller group.",
        "\n".join(["| column | how | how sure | for | smallest group |", "|---|---|---|---|---|", *rows]),
    ]


def _reading(insight: Insight) -> str:
    name = insight.name
    return (
        f"- `SELECT * FROM {name}_latest`: the newest day.\n"
        f"- `SELECT * FROM {name} WHERE {AS_OF} = '2026-11-20'`: one day; without the condition, every day.\n"
        f"- `SELECT * FROM {name}_runs WHERE {RUN_ID} = '...'`: one run, which never changes.\n"
        f"- `SELECT * FROM insight_receipts WHERE insight = '{name}'`: how good each run is.\n\n"
        "```python\n"
        "import insightshare\n\n"
        f'frame = insightshare.connect()["{name}"].to_pandas()\n'
        "```"
    )


def _constants(pipeline: Pipeline) -> list[str]:
    if not pipeline.constants:
        return []
    rows = [f"| `{name}` | {value} |" for name, value in pipeline.constants.items()]
    return ["\n".join(["| constant | value |", "|---|---|", *rows])]


def _model(pipeline: Pipeline) -> list[str]:
    model = pipeline.model
    if model is None:
        return []
    gates = [f"- {gate.metric} of at least {gate.minimum:g}" for gate in model.gates]
    features = ", ".join(f"`{name}`" for name in model.features)
    held = f"{model.holdout_share:.0%} of the keys are never trained on; on them, a model must reach:"
    return [f"**Features:** {features}.", "\n".join([held, "", *gates])]


def _waivers(pipeline: Pipeline) -> list[str]:
    return [
        f"**Waiver** of {waiver.rule} until {waiver.until}, approved by {waiver.approved_by}: {waiver.reason}"
        for waiver in pipeline.waivers
    ]


def _consequence(severity: str) -> str:
    return " (only a warning)" if severity == "warning" else ""


def _drift(insight: Insight) -> list[str]:
    """One row per measure that has a limit, then the columns that have none."""
    rules = insight.pipeline.drift
    if not (rules.limits or rules.columns):
        return []
    subjects = dict.fromkeys((limit.measure, limit.column) for limit in rules.limits)
    rows = [f"| {_named(*subject)} | {' | '.join(_levels(rules.of(*subject)))} |" for subject in subjects]
    limited = {limit.column for limit in rules.limits}
    only_measured = [f"`{name}`" for name in rules.columns if name not in limited]
    return [
        "## What is compared with the run before",
        "Each run is held against the current run of the newest as_of before it; `insight_receipts` has the measures. "
        "[Drift](../../docs/drift.md) says what they are, and how to compare two runs in SQL.",
        *(["\n".join([*_DRIFT_HEADING, *rows])] if rows else []),
        *([f"Measured without a limit: {', '.join(only_measured)}."] if only_measured else []),
    ]


def _named(measure: DriftMeasure, column: str) -> str:
    return f"`{measure}` of `{column}`" if column else f"`{measure}`"


def _levels(limits: tuple[DriftLimit, ...]) -> list[str]:
    texts = {limit.level: f"{limit.limit:g}" if limit.measure in PLAIN else f"{limit.limit:.0%}" for limit in limits}
    return [texts.get(level, "") for level in LEVELS]


def _promises(contract: Contract) -> list[str]:
    if not contract.service_levels:
        return []
    return ["## What is promised", "\n".join(f"- {level.sentence}" for level in contract.service_levels)]


def _source(source: Source, pipeline: Pipeline) -> str:
    same_day = f" Its snapshot must be of {AS_OF} itself; without one, nothing is published."
    return (
        f"### `{source.name}`: {source.title}\n\n{source.description} {source.limitations}"
        f"{same_day if source.name in pipeline.same_day_inputs else ''}\n\n"
        f"**Licence:** {source.licence}\n\n**Citation:** {source.citation}"
    )
