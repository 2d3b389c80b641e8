-- One row per customer: the model's probability, and what it means for whoever looks after the customer.
SELECT
    features.customer_id,
    predictions.prediction AS churn_probability,
    ROUND(100E0 * (1E0 - predictions.prediction), 1) AS health_score,
    CASE
        WHEN predictions.prediction >= :high_risk_from THEN 'high'
        WHEN predictions.prediction >= :medium_risk_from THEN 'medium'
        ELSE 'low'
    END AS risk_category,
    features.contract,
    features.tenure_months,
    features.monthly_charges
FROM features
JOIN predictions ON predictions.customer_id = features.customer_id
