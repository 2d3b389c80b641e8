"""The 15 checks of `benchmarks/project` as Great Expectations has them; a test holds both lists against each other."""

from typing import Any

NOT_NULL = (
    "customer_id",
    "churn_probability",
    "health_score",
    "risk_category",
    "contract",
    "tenure_months",
    "monthly_charges",
)
UNIQUE = ("customer_id",)
BETWEEN = {
    "churn_probability": (0, 1),
    "health_score": (0, 100),
    "tenure_months": (0, 120),
    "monthly_charges": (0, 1000),
    "total_charges": (0, 100_000),
}
IN_SET = {
    "risk_category": ("high", "medium", "low"),
    "contract": ("Month-to-month", "One year", "Two year"),
}


def expectations() -> list[tuple[str, dict[str, Any]]]:
    """Return (type, arguments) of each."""
    found: list[tuple[str, dict[str, Any]]] = [
        ("expect_column_values_to_not_be_null", {"column": name}) for name in NOT_NULL
    ]
    found += [("expect_column_values_to_be_unique", {"column": name}) for name in UNIQUE]
    for name, (least, most) in BETWEEN.items():
        found.append(("expect_column_values_to_be_between", {"column": name, "min_value": least, "max_value": most}))
    for name, values in IN_SET.items():
        found.append(("expect_column_values_to_be_in_set", {"column": name, "value_set": list(values)}))
    return found
