-- Source: Trino, core/trino-main/src/test/java/io/trino/operator/scalar/TestMathFunctions.java,
-- docs/src/main/sphinx/functions/math.md, decimal.md and conversion.md, TestIntegerOperators, TestDecimalOperators.
SELECT 7 / 2; -- integer: 3
SELECT -7 / 2; -- integer: -3
SELECT 7 % 2; -- integer: 1
SELECT -7 % 2; -- integer: -1
SELECT 7 / 2e0; -- double: 3.5
SELECT 1 / 0; -- integer: !DIVISION_BY_ZERO
SELECT 1 % 0; -- integer: !DIVISION_BY_ZERO
SELECT 1.0 / 0; -- decimal(2, 1): !DIVISION_BY_ZERO
SELECT 1e0 / 0; -- double: Infinity
SELECT -1e0 / 0; -- double: -Infinity
SELECT 0e0 / 0; -- double: NaN
SELECT 2147483647 + 1; -- integer: !NUMERIC_VALUE_OUT_OF_RANGE
SELECT 2147483647 * 2; -- integer: !NUMERIC_VALUE_OUT_OF_RANGE
SELECT 3000000000 + 1; -- bigint: 3000000001
SELECT 1.0 / 3; -- decimal(2, 1): 0.3
SELECT 10.00 / 3.0; -- decimal(5, 2): 3.33
SELECT 2.0 / 3.0; -- decimal(3, 1): 0.7
SELECT -2.0 / 3.0; -- decimal(3, 1): -0.7
SELECT 1.1 + 2.22; -- decimal(4, 2): 3.32
SELECT 1.1 * 2.22; -- decimal(5, 3): 2.442
SELECT 5.5 % 2.0; -- decimal(2, 1): 1.5
SELECT abs(-5); -- integer: 5
SELECT abs(-1.5); -- decimal(2, 1): 1.5
SELECT abs(-1.5e0); -- double: 1.5
SELECT ceil(3.2e0); -- double: 4.0
SELECT ceiling(-3.2e0); -- double: -3.0
SELECT ceil(5); -- integer: 5
SELECT ceil(1.5); -- decimal(2, 0): 2
SELECT floor(-3.2e0); -- double: -4.0
SELECT floor(-1.5); -- decimal(2, 0): -2
SELECT round(3.5e0); -- double: 4.0
SELECT round(-3.5e0); -- double: -4.0
SELECT round(-0.5e0); -- double: -1.0
SELECT round(2.5e0); -- double: 3.0
SELECT round(3.499e0); -- double: 3.0
SELECT round(2.5); -- decimal(2, 0): 3
SELECT round(3.1415e0, 2); -- double: 3.14
SELECT round(2.345, 2); -- decimal(5, 3): 2.350
SELECT round(3); -- integer: 3
SELECT round(1234, -2); -- integer: 1200
SELECT truncate(17.18e0); -- double: 17.0
SELECT truncate(-17.18e0); -- double: -17.0
SELECT sqrt(4); -- double: 2.0
SELECT sqrt(-1); -- double: NaN
SELECT cbrt(27); -- double: 3.0
SELECT exp(0); -- double: 1.0
SELECT ln(1); -- double: 0.0
SELECT ln(0); -- double: -Infinity
SELECT ln(-1); -- double: NaN
SELECT log2(8); -- double: 3.0
SELECT log10(100); -- double: 2.0
SELECT log(2, 8); -- double: 3.0
SELECT power(2, 10); -- double: 1024.0
SELECT pow(5.0, 3); -- double: 125.0
SELECT mod(7, 2); -- integer: 1
SELECT sign(-3); -- integer: -1
SELECT sign(0e0); -- double: 0.0
SELECT greatest(1, 3, 2); -- integer: 3
SELECT greatest(1, NULL); -- integer: NULL
SELECT least('b', 'a'); -- varchar: a
SELECT pi(); -- double: 3.141592653589793
SELECT e(); -- double: 2.718281828459045
SELECT degrees(pi()); -- double: 180.0
SELECT radians(180); -- double: 3.141592653589793
SELECT sin(0); -- double: 0.0
SELECT cos(0); -- double: 1.0
SELECT tan(0); -- double: 0.0
SELECT asin(2); -- double: NaN
SELECT acos(1); -- double: 0.0
SELECT atan(0); -- double: 0.0
SELECT atan2(0, 1); -- double: 0.0
SELECT sinh(0); -- double: 0.0
SELECT cosh(0); -- double: 1.0
SELECT tanh(0); -- double: 0.0
SELECT is_nan(nan()); -- boolean: true
SELECT is_infinite(infinity()); -- boolean: true
SELECT is_finite(1); -- boolean: true
SELECT random() < 1; -- boolean: true
SELECT rand() >= 0; -- boolean: true
SELECT bitwise_and(19, 25); -- bigint: 17
SELECT bitwise_or(19, 25); -- bigint: 27
SELECT bitwise_xor(19, 25); -- bigint: 10
SELECT bitwise_not(-12); -- bigint: 11
-- Conversion: DoubleOperators and VarcharOperators of Trino; conversion.md for TRY_CAST.
SELECT CAST(2.5e0 AS bigint); -- bigint: 3
SELECT CAST(-2.5e0 AS bigint); -- bigint: -3
SELECT CAST(2.5 AS integer); -- integer: 3
SELECT CAST('12' AS integer); -- integer: 12
SELECT CAST(' 12' AS integer); -- integer: !INVALID_CAST_ARGUMENT
SELECT CAST('1.5' AS integer); -- integer: !INVALID_CAST_ARGUMENT
SELECT TRY_CAST('1.5' AS integer); -- integer: NULL
SELECT TRY_CAST('7' AS bigint); -- bigint: 7
SELECT CAST('1.5' AS double); -- double: 1.5
SELECT CAST('1.55' AS decimal(3, 1)); -- decimal(3, 1): 1.6
SELECT CAST('true' AS boolean); -- boolean: true
SELECT CAST('yes' AS boolean); -- boolean: !INVALID_CAST_ARGUMENT
SELECT CAST(true AS varchar); -- varchar: true
SELECT CAST(12 AS varchar); -- varchar: 12
SELECT CAST(1.50 AS varchar); -- varchar: 1.50
SELECT CAST('abcdef' AS varchar(3)); -- varchar(3): abc
SELECT CAST(300 AS tinyint); -- tinyint: !NUMERIC_VALUE_OUT_OF_RANGE
SELECT coalesce(NULL, 2); -- integer: 2
SELECT nullif(1, 1); -- integer: NULL
SELECT if(1 < 2, 'a', 'b'); -- varchar: a
SELECT if(1 > 2, 'a'); -- varchar: NULL
SELECT CASE 1 WHEN 1 THEN 'one' ELSE 'many' END; -- varchar: one
SELECT try(1 / 0); -- integer: NULL; no spark
SELECT try(CAST('P332a' AS bigint)); -- bigint: NULL; no spark
SELECT mod(7, 0); -- integer: !DIVISION_BY_ZERO
SELECT mod(7e0, 2e0); -- double: 1.0
SELECT coalesce(try(100 / 0), 0); -- integer: 0; no spark
SELECT typeof(1); -- varchar: integer
SELECT typeof('x' || 'y'); -- varchar: varchar
SELECT 1 IS DISTINCT FROM NULL; -- boolean: true
SELECT NULL IS NOT DISTINCT FROM NULL; -- boolean: true
SELECT 3 BETWEEN 2 AND 6; -- boolean: true
SELECT 1 IN (2, NULL); -- boolean: NULL
SELECT DECIMAL '2.20'; -- decimal(3, 2): 2.20
SELECT DECIMAL '-0012'; -- decimal(2, 0): -12
SELECT DECIMAL '.5'; -- decimal(1, 1): 0.5
SELECT DECIMAL '12345678901.5' = 12345678901.5; -- boolean: true
