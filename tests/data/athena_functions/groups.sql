-- Source: Trino, docs/src/main/sphinx/functions/aggregate.md and window.md, and the tests of io.trino.operator.aggregation;
-- SELECT (select.md): NULLs sort last unless the query says otherwise.
SELECT count(*) FROM (VALUES 1, NULL) AS t(x); -- bigint: 2
SELECT count(x) FROM (VALUES 1, NULL) AS t(x); -- bigint: 1
SELECT count(DISTINCT x) FROM (VALUES 1, 1, 2) AS t(x); -- bigint: 2
SELECT count_if(x > 1) FROM (VALUES 1, 2, 3) AS t(x); -- bigint: 2
SELECT count(*) FILTER (WHERE x > 1) FROM (VALUES 1, 2, 3) AS t(x); -- bigint: 2
SELECT sum(x) FROM (VALUES 1, 2) AS t(x); -- bigint: 3
SELECT sum(x) FROM (VALUES 1.5, 2.5) AS t(x); -- decimal(38, 1): 4.0
SELECT sum(x) FROM (VALUES 1) AS t(x) WHERE x > 1; -- bigint: NULL
SELECT avg(x) FROM (VALUES 1, 2) AS t(x); -- double: 1.5
SELECT avg(x) FROM (VALUES 1.0, 2.5) AS t(x); -- decimal(2, 1): 1.8
SELECT min(x) FROM (VALUES 'b', 'a') AS t(x); -- varchar: a
SELECT max(x) FROM (VALUES 1, NULL, 3) AS t(x); -- integer: 3
SELECT min_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) AS t(x, y); -- varchar: b
SELECT max_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) AS t(x, y); -- varchar: a
SELECT max_by(x, y) FROM (VALUES (CAST(NULL AS varchar), 2), ('b', 1)) AS t(x, y); -- varchar: NULL
SELECT bool_and(x > 0) FROM (VALUES 1, 2) AS t(x); -- boolean: true
SELECT bool_or(x > 1) FROM (VALUES 1, 2) AS t(x); -- boolean: true
SELECT every(x > 1) FROM (VALUES 1, 2) AS t(x); -- boolean: false
SELECT arbitrary(x) FROM (VALUES NULL, 7) AS t(x); -- integer: 7
SELECT any_value(x) FROM (VALUES NULL, 7) AS t(x); -- integer: 7
SELECT array_agg(x) FROM (VALUES 1, NULL) AS t(x); -- array(integer): [1, null]
SELECT array_agg(x) FROM (VALUES 1) AS t(x) WHERE x > 1; -- array(integer): NULL
SELECT array_agg(x ORDER BY x DESC) FROM (VALUES 1, 3, 2) AS t(x); -- array(integer): [3, 2, 1]; no spark
SELECT array_agg(x) FILTER (WHERE x IS NOT NULL) FROM (VALUES 1, NULL) AS t(x); -- array(integer): [1]
SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'a', 'c', 'b') AS t(x); -- varchar: a,b,c; no spark
SELECT approx_distinct(x) FROM (VALUES 1, 1, 2) AS t(x); -- bigint: 2
SELECT approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3) AS t(x); -- integer: 2
SELECT stddev(x) FROM (VALUES 1, 2, 3) AS t(x); -- double: 1.0
SELECT stddev_samp(x) FROM (VALUES 1, 2, 3) AS t(x); -- double: 1.0
SELECT stddev_pop(x) FROM (VALUES 1, 3) AS t(x); -- double: 1.0
SELECT stddev(x) FROM (VALUES 1) AS t(x); -- double: NULL
SELECT variance(x) FROM (VALUES 1, 2, 3) AS t(x); -- double: 1.0
SELECT var_samp(x) FROM (VALUES 1, 2, 3) AS t(x); -- double: 1.0
SELECT var_pop(x) FROM (VALUES 1, 3) AS t(x); -- double: 1.0
SELECT corr(y, x) FROM (VALUES (1, 2), (2, 4)) AS t(y, x); -- double: 1.0
SELECT covar_pop(y, x) FROM (VALUES (1, 2), (3, 4)) AS t(y, x); -- double: 1.0
SELECT covar_samp(y, x) FROM (VALUES (1, 2), (2, 4)) AS t(y, x); -- double: 1.0
SELECT regr_slope(y, x) FROM (VALUES (2, 1), (4, 2)) AS t(y, x); -- double: 2.0
SELECT regr_intercept(y, x) FROM (VALUES (3, 1), (5, 2)) AS t(y, x); -- double: 1.0
SELECT round(geometric_mean(x), 6) FROM (VALUES 2, 8) AS t(x); -- double: 4.0
SELECT array_agg(n) FROM (SELECT row_number() OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- array(bigint): [1, 2]
SELECT max(n) FROM (SELECT rank() OVER (ORDER BY x) AS n FROM (VALUES 5, 5, 6) AS t(x)) AS q; -- bigint: 3
SELECT max(n) FROM (SELECT dense_rank() OVER (ORDER BY x) AS n FROM (VALUES 5, 5, 6) AS t(x)) AS q; -- bigint: 2
SELECT max(n) FROM (SELECT percent_rank() OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- double: 1.0
SELECT min(n) FROM (SELECT cume_dist() OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- double: 0.5
SELECT max(n) FROM (SELECT ntile(2) OVER (ORDER BY x) AS n FROM (VALUES 5, 6, 7) AS t(x)) AS q; -- bigint: 2
SELECT max(n) FROM (SELECT lag(x) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 5
SELECT max(n) FROM (SELECT lag(x, 1, 9) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 9
SELECT max(n) FROM (SELECT lead(x, 1) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 6
SELECT min(n) FROM (SELECT first_value(x) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 5
SELECT max(n) FROM (SELECT last_value(x) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 6
SELECT max(n) FROM (SELECT nth_value(x, 2) OVER (ORDER BY x) AS n FROM (VALUES 5, 6) AS t(x)) AS q; -- integer: 6
SELECT max(n) FROM (SELECT first_value(x) IGNORE NULLS OVER (ORDER BY y) AS n FROM (VALUES (NULL, 1), (6, 2)) AS t(x, y)) AS q; -- integer: 6
SELECT max(n) FROM (SELECT sum(x) OVER (PARTITION BY y ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM (VALUES (1, 1), (2, 1), (3, 1)) AS t(x, y)) AS q; -- bigint: 5
SELECT x FROM (VALUES 1, NULL) AS t(x) ORDER BY x LIMIT 1; -- integer: 1
SELECT x FROM (VALUES 1, NULL) AS t(x) ORDER BY x DESC LIMIT 1; -- integer: 1
SELECT x FROM (VALUES 1, NULL) AS t(x) ORDER BY x NULLS FIRST LIMIT 1; -- integer: NULL
SELECT sum(n) FROM (VALUES ARRAY[1, 2], ARRAY[3]) AS t(a) CROSS JOIN UNNEST(a) AS u(n); -- bigint: 6
SELECT max(o) FROM (VALUES ARRAY[7, 8]) AS t(a) CROSS JOIN UNNEST(a) WITH ORDINALITY AS u(n, o); -- bigint: 2
SELECT max(x * 10 + y) FROM (VALUES (ARRAY[1, 2], ARRAY[3, 4])) AS t(a, b) CROSS JOIN UNNEST(a, b) AS u(x, y); -- integer: 24; no spark
SELECT max(o) FROM (VALUES (ARRAY[1, 2], ARRAY[3])) AS t(a, b) CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u(x, y, o); -- bigint: 2; no spark
SELECT array_agg(DISTINCT x) FROM (VALUES 1, 1) AS t(x); -- array(integer): [1]
SELECT max(n) FROM (SELECT sum(x) OVER w AS n FROM (VALUES 5, 6) AS t(x) WINDOW w AS (ORDER BY x)) AS q; -- bigint: 11
