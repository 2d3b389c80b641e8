SELECT urgency, as_of, COUNT(*) AS customers
FROM {{ ref('contacts') }}
GROUP BY urgency, as_of
