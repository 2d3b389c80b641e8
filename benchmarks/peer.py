"""The same rows with pandas: the same checks, written unsorted, without a profile. Run by `python -m benchmarks`."""

import sys

import pandas as pd


def failed_checks(rows: pd.DataFrame) -> list[str]:
    """The churn contract's rules, as one writes them by hand."""
    results = {
        "not null": bool(rows.notna().all().all()),
        "key unique": bool(rows["customer_id"].is_unique),
        "probability": bool(rows["churn_probability"].between(0, 1).all()),
        "health": bool(rows["health_score"].between(0, 100).all()),
        "category": bool(rows["risk_category"].isin(["high", "medium", "low"]).all()),
        "contract": bool(rows["contract"].isin(["Month-to-month", "One year", "Two year"]).all()),
        "tenure": bool(rows["tenure_months"].between(0, 120).all()),
        "charges": bool(rows["monthly_charges"].between(0, 1000).all()),
        "enough rows": len(rows) >= 7000,
    }
    return [name for name, passed in results.items() if not passed]


if __name__ == "__main__":
    source, target = sys.argv[1:]
    frame = pd.read_parquet(source)
    failed = failed_checks(frame)
    frame.to_parquet(target, compression="zstd", index=False)
    sys.exit(", ".join(failed) or 0)
