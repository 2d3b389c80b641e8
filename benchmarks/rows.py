"""As many customers as asked for, the same on every machine, in no order. Measures nothing.

Run as `python -m benchmarks.rows COUNT PATH`, so that the memory it takes is not counted as anybody's.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

# Of the public telco table, IBM's sample of 7,043 customers: counts, means, and deciles from the least to the most.
CONTRACTS = {"Month-to-month": 3875, "One year": 1473, "Two year": 1695}
SHARE_THAT_LEFT = {"Month-to-month": 0.427, "One year": 0.113, "Two year": 0.028}
TENURE_MONTHS = {
    "Month-to-month": (1, 1, 2, 4, 8, 12, 17, 24, 33, 46, 72),
    "One year": (0, 14, 23, 30, 37, 44, 50, 55, 61, 67, 72),
    "Two year": (0, 26, 44, 52, 60, 64, 68, 70, 72, 72, 72),
}
SERVICES = {"DSL": 2421, "Fiber optic": 3096, "No": 1526}
MONTHLY_CHARGES = {
    "DSL": (23.45, 35.7, 44.9, 49.65, 53.75, 56.15, 61.0, 66.4, 73.75, 80.85, 94.8),
    "Fiber optic": (67.75, 74.3, 79.25, 84.0, 88.35, 91.65, 95.5, 99.8, 104.05, 108.35, 118.75),
    "No": (18.25, 19.4, 19.6, 19.8, 19.95, 20.15, 20.35, 20.65, 24.1, 25.1, 26.9),
}


def write_rows(count: int, path: Path) -> None:
    """Write `count` customers as one Parquet file; the file is there only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '2GB'; SET temp_directory = '{path.parent}'")
        connection.execute(f"COPY ({_customers(count)}) TO '{part}' (FORMAT parquet)")
    part.rename(path)


def _customers(count: int) -> str:
    """A chance of leaving is `u ** (1 / mean - 1)`: it has that mean, and lies mostly near 0."""
    return f"""
        WITH drawn AS (
            SELECT range AS number, {_chosen(CONTRACTS, 1)} AS contract, {_chosen(SERVICES, 2)} AS service
            FROM range({count})
        ), customers AS (
            SELECT number, contract,
                0.001 + 0.998 * POW({_uniform(3)}, 1 / {_case("contract", SHARE_THAT_LEFT)} - 1) AS chance,
                CAST({_between_deciles("contract", TENURE_MONTHS, 4)} AS INTEGER) AS tenure_months,
                ROUND({_between_deciles("service", MONTHLY_CHARGES, 5)}, 2) AS monthly_charges
            FROM drawn
        )
        SELECT 'C' || LPAD(CAST(number AS VARCHAR), 9, '0') AS customer_id, chance AS churn_probability,
            ROUND(100 * (1 - chance), 1) AS health_score,
            CASE WHEN chance >= 0.8 THEN 'high' WHEN chance >= 0.5 THEN 'medium' ELSE 'low' END AS risk_category,
            contract, tenure_months, monthly_charges,
            CASE WHEN tenure_months > 0
                THEN ROUND(tenure_months * monthly_charges * (0.95 + 0.1 * {_uniform(6)}), 2) END AS total_charges
        FROM customers ORDER BY HASH(number)"""


def _uniform(draw: int) -> str:
    """A number from 0 to 1, without 1, that only the customer's number decides."""
    return f"((HASH(number * 16 + {draw}) >> 11) / 9007199254740992.0)"


def _chosen(counts: Mapping[str, int], draw: int) -> str:
    """One of the names, as often as it counts."""
    bounds = [sum(list(counts.values())[: place + 1]) / sum(counts.values()) for place in range(len(counts))]
    cases = " ".join(f"WHEN {bound!r} THEN '{name}'" for name, bound in zip(counts, bounds, strict=True))
    listed = cases.replace("WHEN ", f"WHEN {_uniform(draw)} < ")
    return f"CASE {listed} ELSE '{list(counts)[-1]}' END"


def _case(column: str, values: Mapping[str, object]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {value}" for name, value in values.items())
    return f"CASE {column} {cases} END"


def _between_deciles(column: str, deciles: Mapping[str, Sequence[float]], draw: int) -> str:
    """A value drawn from the distribution that the deciles describe, straight between them."""
    listed = _case(column, {name: list(values) for name, values in deciles.items()})
    place = f"(10 * {_uniform(draw)})"
    lower, upper = (f"LIST_EXTRACT({listed}, CAST(FLOOR({place}) AS INTEGER) + {step})" for step in (1, 2))
    return f"({lower} + ({upper} - {lower}) * ({place} - FLOOR({place})))"


if __name__ == "__main__":
    write_rows(int(sys.argv[1]), Path(sys.argv[2]))
