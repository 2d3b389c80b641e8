"""What the upstream delivers on a day: a source table as it is, or one with a planted fault. Makes no table itself."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

TRUNCATED_ROWS = 500
DUPLICATED_ROWS = 100
DRIFT_FACTOR = 1.2
DRIFTED_SENTIMENT = 0.4


def normal(source: str, table: pa.Table) -> pa.Table:
    """The table as it is."""
    return table


def drifted(source: str, table: pa.Table) -> pa.Table:
    """A plausible change: monthly contracts cost a fifth more; sentiment about dresses falls by 0.4."""
    if source == "telco_customers":
        monthly = pc.equal(table["contract"], "Month-to-month")
        dearer = pc.round(pc.multiply(table["monthly_charges"], DRIFT_FACTOR), 2)
        return _with(table, "monthly_charges", pc.if_else(monthly, dearer, table["monthly_charges"]))
    if source == "feedback_enriched":
        dresses = pc.starts_with(table["product_area"], "Dresses")
        worse = pc.max_element_wise(pc.subtract(table["sentiment_score"], DRIFTED_SENTIMENT), -1.0, skip_nulls=False)
        return _with(table, "sentiment_score", pc.if_else(dresses, worse, table["sentiment_score"]))
    return table


def truncated(source: str, table: pa.Table) -> pa.Table:
    """An upload that stopped early: the first 500 rows, each of them valid."""
    return table.slice(0, TRUNCATED_ROWS)


def broken(source: str, table: pa.Table) -> pa.Table:
    """An upload that repeats its first 100 rows, so that keys are no longer unique."""
    return pa.concat_tables([table, table.slice(0, DUPLICATED_ROWS)])


VARIANTS: Mapping[str, Callable[[str, pa.Table], pa.Table]] = {
    "normal": normal,
    "drifted": drifted,
    "truncated": truncated,
    "broken": broken,
}


def _with(table: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)
