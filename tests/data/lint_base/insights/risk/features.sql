SELECT customer_id, SUM(amount) AS total, COUNT(*) AS orders, MAX(CASE WHEN returned THEN 1 ELSE 0 END) = 1 AS returned
FROM orders
GROUP BY customer_id
