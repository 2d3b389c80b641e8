-- One row per customer: what the model may know, and the label. Gender and age stay out of it.
SELECT
    customer_id,
    tenure_months,
    monthly_charges,
    total_charges,
    monthly_charges - total_charges / NULLIF(tenure_months, 0) AS charge_above_mean,
    contract,
    paperless_billing,
    payment_method,
    phone_service,
    multiple_lines,
    internet_service,
    online_security,
    online_backup,
    device_protection,
    tech_support,
    streaming_tv,
    streaming_movies,
    partner,
    dependents,
    churned
FROM telco_customers
