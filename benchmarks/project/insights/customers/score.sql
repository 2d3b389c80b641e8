-- One row per customer: every column of the source.
SELECT
    customer_id,
    churn_probability,
    health_score,
    risk_category,
    contract,
    tenure_months,
    monthly_charges,
    total_charges
FROM scored_customers
