-- Source: Trino, docs/src/main/sphinx/functions/datetime.md and
-- core/trino-main/src/test/java/io/trino/operator/scalar/TestDateTimeFunctions.java.
SELECT DATE '2012-08-08' + INTERVAL '2' DAY; -- date: 2012-08-10
SELECT TIMESTAMP '2012-08-08 01:00' + INTERVAL '29' HOUR; -- timestamp: 2012-08-09 06:00:00.000
SELECT TIMESTAMP '2012-10-31 01:00' + INTERVAL '1' MONTH; -- timestamp: 2012-11-30 01:00:00.000
SELECT DATE '2012-08-08' - INTERVAL '2' DAY; -- date: 2012-08-06
SELECT TIMESTAMP '2012-10-31 01:00' - INTERVAL '1' MONTH; -- timestamp: 2012-09-30 01:00:00.000
SELECT date('2020-05-11'); -- date: 2020-05-11
SELECT date(TIMESTAMP '2020-05-11 10:00:00'); -- date: 2020-05-11
SELECT last_day_of_month(DATE '2020-02-05'); -- date: 2020-02-29
SELECT from_iso8601_date('2020-05-11'); -- date: 2020-05-11
SELECT from_iso8601_timestamp('2020-05-11T11:15:05.055+01:00') = from_iso8601_timestamp('2020-05-11T10:15:05.055Z'); -- boolean: true
SELECT from_unixtime(0); -- timestamp with time zone: 1970-01-01 00:00:00.000 UTC
SELECT to_unixtime(TIMESTAMP '1970-01-02 00:00:00'); -- double: 86400.0
SELECT to_iso8601(DATE '2001-08-22'); -- varchar: 2001-08-22
SELECT to_iso8601(TIMESTAMP '2001-08-22 03:04:05.321'); -- varchar: 2001-08-22T03:04:05.321
SELECT now() IS NOT NULL; -- boolean: true
SELECT current_date IS NOT NULL; -- boolean: true
SELECT current_timestamp IS NOT NULL; -- boolean: true
SELECT from_unixtime(0) AT TIME ZONE 'UTC'; -- timestamp with time zone: 1970-01-01 00:00:00.000 UTC
SELECT date_trunc('millisecond', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-08-22 03:04:05.321
SELECT date_trunc('second', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-08-22 03:04:05.000
SELECT date_trunc('minute', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-08-22 03:04:00.000
SELECT date_trunc('hour', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-08-22 03:00:00.000
SELECT date_trunc('day', TIMESTAMP '2022-10-20 05:10:00'); -- timestamp: 2022-10-20 00:00:00.000
SELECT date_trunc('week', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-08-20 00:00:00.000
SELECT date_trunc('month', DATE '2001-08-22'); -- date: 2001-08-01
SELECT date_trunc('quarter', TIMESTAMP '2001-08-22 03:04:05.321'); -- timestamp: 2001-07-01 00:00:00.000
SELECT date_trunc('year', TIMESTAMP '2022-10-20 05:10:00'); -- timestamp: 2022-01-01 00:00:00.000
SELECT date_add('second', 86, TIMESTAMP '2020-03-01 00:00:00'); -- timestamp: 2020-03-01 00:01:26.000
SELECT date_add('hour', 9, TIMESTAMP '2020-03-01 00:00:00'); -- timestamp: 2020-03-01 09:00:00.000
SELECT date_add('day', -1, DATE '2020-03-01'); -- date: 2020-02-29
SELECT date_add('week', 1, DATE '2020-03-01'); -- date: 2020-03-08
SELECT date_add('quarter', 1, DATE '2020-03-01'); -- date: 2020-06-01
SELECT date_diff('second', TIMESTAMP '2020-03-01 00:00:00', TIMESTAMP '2020-03-02 00:00:00'); -- bigint: 86400
SELECT date_diff('day', DATE '2020-03-01', DATE '2020-03-02'); -- bigint: 1
SELECT date_diff('millisecond', TIMESTAMP '2020-06-01 12:30:45', TIMESTAMP '2020-06-02 12:30:45.123'); -- bigint: 86400123
SELECT date_diff('day', TIMESTAMP '2020-03-01 23:00:00', TIMESTAMP '2020-03-02 22:00:00'); -- bigint: 0
SELECT date_diff('month', DATE '2020-01-15', DATE '2020-03-14'); -- bigint: 1
SELECT date_diff('week', DATE '2020-03-01', DATE '2020-03-14'); -- bigint: 1
SELECT date_diff('year', DATE '2020-03-02', DATE '2021-03-01'); -- bigint: 0
SELECT date_diff('day', DATE '2020-03-02', DATE '2020-03-01'); -- bigint: -1
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%a'); -- varchar: Tue
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%b'); -- varchar: Jan
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%c'); -- varchar: 1
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%d'); -- varchar: 09
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%e'); -- varchar: 9
SELECT date_format(TIMESTAMP '2001-01-09 13:04:05.321', '%Y-%m-%d %H:%i:%s'); -- varchar: 2001-01-09 13:04:05
SELECT date_format(DATE '2001-01-09', '%x'); -- varchar: !NOT_SUPPORTED
SELECT date_parse('2013/05/17', '%Y/%m/%d'); -- timestamp: 2013-05-17 00:00:00.000
SELECT date_parse('2022/10/20/05', '%Y/%m/%d/%H'); -- timestamp: 2022-10-20 05:00:00.000
SELECT extract(YEAR FROM TIMESTAMP '2022-10-20 05:10:00'); -- bigint: 2022
SELECT year(DATE '2001-08-22'); -- bigint: 2001
SELECT quarter(DATE '2001-08-22'); -- bigint: 3
SELECT month(DATE '2001-08-22'); -- bigint: 8
SELECT week(DATE '2001-08-22'); -- bigint: 34
SELECT week_of_year(DATE '2001-08-22'); -- bigint: 34
SELECT year_of_week(DATE '2005-01-02'); -- bigint: 2004
SELECT yow(DATE '2005-01-02'); -- bigint: 2004
SELECT day(DATE '2001-08-22'); -- bigint: 22
SELECT day_of_month(DATE '2001-08-22'); -- bigint: 22
SELECT day_of_week(DATE '2001-08-22'); -- bigint: 3
SELECT dow(DATE '2001-08-26'); -- bigint: 7
SELECT day_of_year(DATE '2001-08-22'); -- bigint: 234
SELECT doy(DATE '2001-08-22'); -- bigint: 234
SELECT hour(TIMESTAMP '2001-08-22 03:04:05.321'); -- bigint: 3
SELECT minute(TIMESTAMP '2001-08-22 03:04:05.321'); -- bigint: 4
SELECT second(TIMESTAMP '2001-08-22 03:04:05.321'); -- bigint: 5
SELECT millisecond(TIMESTAMP '2001-08-22 03:04:05.321'); -- bigint: 321
SELECT CAST(TIMESTAMP '2001-08-22 03:04:05.321' AS varchar); -- varchar: 2001-08-22 03:04:05.321
SELECT CAST(DATE '2001-08-22' AS varchar); -- varchar: 2001-08-22
SELECT CAST('2013-02-02' AS date); -- date: 2013-02-02
SELECT CAST('2013/02/02' AS date); -- date: !INVALID_CAST_ARGUMENT
SELECT CAST('2001-1-22 03:04:05.321' AS timestamp); -- timestamp: 2001-01-22 03:04:05.321
SELECT CAST(TIMESTAMP '2001-08-22 23:59:59' AS date); -- date: 2001-08-22
SELECT DATE '2001-08-22' = TIMESTAMP '2001-08-22 00:00:00'; -- boolean: true
