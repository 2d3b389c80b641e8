SELECT
    customer_id,
    CASE WHEN churn_probability >= 0.8 THEN 'now' ELSE 'soon' END AS urgency,
    CAST(as_of AS date) AS as_of
FROM {{ source('shared', 'churn') }}
WHERE churn_probability >= 0.5
