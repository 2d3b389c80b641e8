SELECT channel, :count_weight * COUNT(*) + :amount_weight * AVG(amount) AS score
FROM orders
GROUP BY channel
