SELECT customer_id, prediction AS probability
FROM predictions
