"""The facts that contracts, pipelines and agreements state, as frozen values; reading and checking them is elsewhere.

Decisions about shape, once for everybody:

- `as_of` and `run_id` are never columns of a contract. Every table gets `as_of` from the platform: partition key of the
  history table and of each source table, last ordinary column of `<insight>_latest` and `<insight>_runs`.
- A column's `type` is its Athena type in the Glue spelling (`string`, `bigint`, `array<string>`), copied from the
  contract's `physicalType`.
- A pipeline has `score.sql`, whose output is exactly the contract's columns in the contract's order. Kind "model" has
  also `features.sql`: the key columns, the features and the label, one row per key.
- SQL sees each input as a table of that name: the newest snapshot not after as_of, without a column `as_of`. Instead of
  the inputs, `score.sql` of a model sees `features` (the output of features.sql) and `predictions` (the key columns and
  `prediction double`).
- SQL takes constants as `:name`: `:as_of` (text, ISO date), and each of the pipeline's `parameters` and `weights`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from insightshare.contract.drift import DriftRules
from insightshare.contract.inference import Inference

Severity = Literal["error", "warning"]
RowRule = Literal[
    "not_null", "null", "missing", "range", "set", "not_set", "regex", "not_regex", "length", "list_length",
    "finite", "norm", "pair_equal", "pair_greater", "sum_equal", "unique", "unique_values", "minimum_cell",
]  # fmt: skip
"""A rule that a single row keeps or breaks; "unique", "unique_values" and "minimum_cell" are about a row
among the others."""
Measure = Literal[
    "row_count", "column_count", "filled_share", "mean", "median", "quantile", "stdev", "sum", "min", "max",
    "distinct_count", "distinct_share", "most_common", "distinct_in_set", "distinct_contain", "distinct_equal",
    "freshness", "sql",
]  # fmt: skip
"""A rule on one number that the whole table yields."""
CheckKind = Literal["schema", "columns", "type", "expectation"] | RowRule | Measure
PipelineKind = Literal["sql", "rule", "model"]
Engine = Literal["duckdb", "spark"]
ReadsFrom = Literal["own_account", "provider_account"]
Organisation = Literal["inside", "outside"]
TableKind = Literal["history", "latest", "runs"]
Classification = Literal["public", "internal", "confidential", "restricted"]
Value = str | int | float | bool

AS_OF = "as_of"
RUN_ID = "run_id"
FEATURES_TABLE = "features"
PREDICTIONS_TABLE = "predictions"
PREDICTION_COLUMN = "prediction"
TABLE_KINDS: tuple[TableKind, ...] = ("history", "latest", "runs")


@dataclass(frozen=True)
class Field:
    """One column. `personal` data describes a person; a `protected` attribute must never be a model's feature."""

    name: str
    type: str
    logical_type: str
    description: str
    required: bool = False
    unique: bool = False
    unit: str | None = None
    classification: Classification = "internal"
    personal: bool = False
    protected: bool = False
    since: date | None = None
    """The day on which the column came to the contract; None where it was there from the first."""
    inferred: Inference | None = None
    """How it was concluded, where nobody gave or counted it."""
    band_of: str = ""
    """The attribute, as age, of which only this band is promised."""


@dataclass(frozen=True)
class Limits:
    """Where a number must be: between two bounds, inclusive unless strict; `outside` turns that round."""

    minimum: Value | None = None
    maximum: Value | None = None
    strict_minimum: bool = False
    strict_maximum: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Check:
    """One rule on a table: failing an "error" rejects the run, failing a "warning" is recorded.

    `minimum` and `maximum` bound each value (or its length, norm) for a rule on rows, and the measured number for a
    measure; inclusive unless strict. `values` are those permitted, forbidden or demanded, `patterns` regular
    expressions of which one must match. What each kind means for nulls and NaN is the table in `insightshare.quality`.
    """

    id: str
    kind: CheckKind
    columns: tuple[str, ...]
    severity: Severity
    sentence: str
    minimum: Value | None = None
    maximum: Value | None = None
    values: tuple[Value, ...] = ()
    strict_minimum: bool = False
    strict_maximum: bool = False
    outside: bool = False
    """The measured number must not be between the bounds."""
    patterns: tuple[str, ...] = ()
    mostly: float = 1.0
    """Share of the considered rows that must keep a rule on rows; at least, not more than."""
    broken: Limits | None = None
    """How many rows may break a rule on rows, where it is not none of them; then `mostly` says nothing."""
    percent: bool = False
    """Whether `broken`, or the number of "unique" rows, is in percent of all rows."""
    match_all: bool = False
    """Whether all patterns must match, not one of them."""
    quantiles: tuple[tuple[float, Limits], ...] = ()
    """For "quantile": each share, and where the value at it must be."""
    argument: Value | None = None
    """The total of "sum_equal", the hours of "freshness", or the column that "minimum_cell" counts values of."""
    or_equal: bool = False
    """Whether "pair_greater" permits equal values, and "most_common" a tie."""
    ignore_rows: Literal["all_null", "any_null", "never"] = "all_null"
    """Which rows say nothing in a rule on several columns, or in "unique_values"."""
    sql: str = ""
    """The query of "sql", in Athena's SQL, whose one number is measured."""
    expectation: str = ""
    """The Great Expectations' name of the rule, where the contract states it as one."""
    kwargs: Mapping[str, object] = field(default_factory=dict, hash=False)
    """The expectation's arguments as the contract states them."""
    row_limit: int | None = None
    """Most rows on which an "expectation", which is not compiled, may be run."""

    @property
    def limits(self) -> Limits:
        """The bounds as one fact."""
        return Limits(self.minimum, self.maximum, self.strict_minimum, self.strict_maximum, self.outside)


@dataclass(frozen=True)
class ServiceLevel:
    """A promise about time: `value` in `unit` ("h" hours, "d" days, "y" years)."""

    property: str
    value: float
    unit: str
    sentence: str


@dataclass(frozen=True)
class Contract:
    """What sources and insights have in common: one table, its meaning, its rules."""

    name: str
    title: str
    version: str
    description: str
    purpose: str
    usage: str
    limitations: str
    owner: str
    columns: tuple[Field, ...]
    key: tuple[str, ...]
    checks: tuple[Check, ...]
    service_levels: tuple[ServiceLevel, ...] = ()

    @property
    def types(self) -> dict[str, str]:
        """Athena type by column name, in table order."""
        return {column.name: column.type for column in self.columns}

    @property
    def order_by(self) -> tuple[str, ...]:
        """The columns that files are sorted by."""
        return self.key


@dataclass(frozen=True)
class Source(Contract):
    """A table that we read."""

    licence: str = ""
    citation: str = ""
    origin: str = ""
    covers_from: date | None = None
    """First day of the data, where they have a time axis."""
    covers_to: date | None = None

    @property
    def protected_columns(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.protected)


@dataclass(frozen=True)
class Gate:
    """A model is used only if its `metric` on the held-out rows is at least `minimum`."""

    metric: str
    minimum: float


@dataclass(frozen=True)
class Model:
    """How a model is trained: text features are categories; `holdout_share` of the keys are never trained on."""

    kind: Literal["lightgbm"]
    label: str
    features: tuple[str, ...]
    rounds: int
    seed: int
    holdout_share: float
    parameters: Mapping[str, Value]
    gates: tuple[Gate, ...]


@dataclass(frozen=True)
class Waiver:
    """A rule that a pipeline need not keep until a day, and why."""

    rule: str
    reason: str
    approved_by: str
    until: date


@dataclass(frozen=True)
class Pipeline:
    """How an insight is made. `queries` holds the text of each SQL file by its name without the suffix."""

    kind: PipelineKind
    engine: Engine
    objective: str
    method: str
    inputs: tuple[str, ...]
    queries: Mapping[str, str]
    same_day_inputs: tuple[str, ...] = ()
    """Those of the inputs that hold one day: their snapshot must be of as_of itself."""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    model: Model | None = None
    schedules: Mapping[str, str] = field(default_factory=dict)
    """Schedule expression in UTC by job, "train" or "score": `cron(0 5 * * ? *)`."""
    waivers: tuple[Waiver, ...] = ()
    drift: DriftRules = field(default_factory=DriftRules)

    @property
    def score_sql(self) -> str:
        return self.queries["score"]

    @property
    def features_sql(self) -> str | None:
        return self.queries.get("features")

    @property
    def constants(self) -> dict[str, Value]:
        """Everything that SQL may name with a colon, except `as_of`."""
        return {**self.parameters, **self.weights}


@dataclass(frozen=True, kw_only=True)
class Insight(Contract):
    """A table that we publish. A deprecated one is made until `readable_until`, beside its successor."""

    pipeline: Pipeline
    status: str = "active"
    replaced_by: str = ""
    readable_until: date | None = None
    column_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns by the name under which agreements may grant them together."""
    internal: str = ""
    """Why no client may read it; empty where agreements may grant it."""


@dataclass(frozen=True)
class Grant:
    """What one client may read of one insight: `rows` None for all of them.

    `columns` is None for all of them, also those that will come. `stated` is the word that the agreement says instead
    of a list: "all" (those that the contract had when the agreement began), "all_and_later", or a column set's name.
    """

    insight: str
    columns: tuple[str, ...] | None
    rows: str | None = None
    tables: tuple[TableKind, ...] = TABLE_KINDS
    stated: str = ""
    purposes: tuple[str, ...] = ()
    """What the inferred columns are for, in the contract's words."""

    def columns_of(self, contract: Contract) -> tuple[str, ...]:
        """Return the columns of the insight that it grants, in the table's order: an empty list grants none."""
        return tuple(name for name in contract.types if self.columns is None or name in self.columns)


@dataclass(frozen=True)
class Agreement:
    """Who may read what, for what purpose, from `start` to `end`, both days included."""

    client: str
    account_id: str
    reads_from: ReadsFrom
    purpose: str
    contact: str
    start: date
    end: date
    grants: tuple[Grant, ...]
    assumed_by: tuple[str, ...] = ()
    """IAM principals of the client's account that may assume its role in ours; only when it reads from ours."""
    scan_limit_mib: int | None = None
    """Most that one query may scan; only when it reads from ours."""
    organisation: Organisation | None = None
    """Whether its account is in our AWS Organization, or must accept invitations; None when it reads from ours."""

    def in_force(self, today: date) -> bool:
        return self.start <= today <= self.end


@dataclass(frozen=True)
class Environment:
    """One deployment of the provider's side."""

    name: str
    account_id: str
    region: str


@dataclass(frozen=True)
class Project:
    """Everything that the folders say."""

    name: str
    environments: Mapping[str, Environment]
    sources: Mapping[str, Source]
    insights: Mapping[str, Insight]
    clients: Mapping[str, Agreement]
