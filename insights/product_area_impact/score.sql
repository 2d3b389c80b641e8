-- One row per product area: what the feedback of the window before as_of says about it, weighed into one score.
WITH recent AS (
    SELECT product_area, sentiment_score, priority, customer_tier
    FROM feedback_enriched
    WHERE
        feedback_date > DATE_ADD('day', -:window_days, CAST(:as_of AS date))
        AND feedback_date <= CAST(:as_of AS date)
),
area AS (
    SELECT
        product_area,
        COUNT(*) AS feedback_count,
        ROUND(AVG(sentiment_score), 9) AS sentiment_score,
        CAST(SUM(CASE WHEN sentiment_score <= :negative_at_most THEN 1 ELSE 0 END) AS double) / COUNT(*)
            AS negative_share,
        CAST(SUM(CASE WHEN priority = 'high' THEN 1 ELSE 0 END) AS double) / COUNT(*) AS high_priority_share,
        CAST(SUM(CASE WHEN customer_tier = 'enterprise' THEN 1 ELSE 0 END) AS double) / COUNT(*) AS enterprise_share
    FROM recent
    GROUP BY product_area
),
compared AS (
    SELECT
        area.*,
        CAST(feedback_count AS double) / MAX(feedback_count) OVER () AS volume_share
    FROM area
)
SELECT
    product_area,
    ROUND(
        100E0 * (
            :negative_weight * negative_share
            + :high_priority_weight * high_priority_share
            + :enterprise_weight * enterprise_share
            + :volume_weight * volume_share
        ),
        2
    ) AS priority_score,
    feedback_count,
    sentiment_score,
    negative_share,
    high_priority_share,
    enterprise_share
FROM compared
