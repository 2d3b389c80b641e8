"""As many customers as asked for, the same on every machine: the columns of the churn insight. Measures nothing."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CONTRACTS = ("Month-to-month", "One year", "Two year")
# Shares, and the largest charge and tenure, of the public telco table: IBM's sample of 7,043 customers.
CONTRACT_SHARES = (0.55, 0.21, 0.24)
MONTHLY_CHARGES = (18.25, 118.75)
LONGEST_TENURE_MONTHS = 72
CHUNK_ROWS = 500_000


def write_rows(count: int, path: Path) -> None:
    """Write `count` customers, in no order, as one Parquet file."""
    random = np.random.default_rng(7)
    order = random.permutation(count)
    with pq.ParquetWriter(path, _table(random, order[:1]).schema) as writer:
        for start in range(0, count, CHUNK_ROWS):
            writer.write_table(_table(random, order[start : start + CHUNK_ROWS]))


def _table(random: np.random.Generator, numbers: np.ndarray) -> pa.Table:  # type: ignore[type-arg]  # of integers
    probability = random.beta(1, 2.7, len(numbers))
    return pa.table(
        {
            "customer_id": [f"C{number:09d}" for number in numbers],
            "churn_probability": probability,
            "health_score": np.round(100 * (1 - probability), 1),
            "risk_category": np.select([probability >= 0.8, probability >= 0.5], ["high", "medium"], "low"),
            "contract": random.choice(CONTRACTS, len(numbers), p=CONTRACT_SHARES),
            "tenure_months": random.integers(0, LONGEST_TENURE_MONTHS + 1, len(numbers)).astype(np.int32),
            "monthly_charges": np.round(random.uniform(*MONTHLY_CHARGES, len(numbers)), 2),
        }
    )


if __name__ == "__main__":
    write_rows(int(sys.argv[1]), Path(sys.argv[2]))
