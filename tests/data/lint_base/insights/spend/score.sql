SELECT customer_id, COUNT(*) AS orders, SUM(amount) AS total, CAST(:as_of AS date) AS since
FROM orders
WHERE amount >= :minimum_amount
GROUP BY customer_id
