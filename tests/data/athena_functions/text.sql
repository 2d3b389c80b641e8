-- One case a line: query; -- type: what Athena prints (NULL for null, !CODE for an error). "no spark" where Spark cannot.
-- Source: Trino, core/trino-main/src/test/java/io/trino/operator/scalar/TestStringFunctions.java, and
-- docs/src/main/sphinx/functions/string.md and regexp.md.
SELECT chr(65); -- varchar: A; no spark
SELECT codepoint('x'); -- integer: 120
SELECT concat('this', ' is', ' cool'); -- varchar: this is cool
SELECT concat('a', NULL); -- varchar: NULL
SELECT 'a' || 'b'; -- varchar: ab
SELECT concat_ws(',', 'a', NULL, 'b'); -- varchar: a,b
SELECT concat_ws(NULL, 'a', 'b'); -- varchar: NULL
SELECT length('Quadratically'); -- bigint: 13
SELECT length('hello naïve world'); -- bigint: 17
SELECT lower('HELLO'); -- varchar: hello
SELECT upper('worker'); -- varchar: WORKER
SELECT replace('aaa', 'aa', 'b'); -- varchar: ba
SELECT replace('222tech', '2', '3'); -- varchar: 333tech
SELECT replace('0000123', '0'); -- varchar: 123
SELECT reverse('Quadratically'); -- varchar: yllacitardauQ
SELECT strpos('Quadratically', 'a'); -- bigint: 3
SELECT strpos('high', 'igx'); -- bigint: 0
SELECT strpos('x', ''); -- bigint: 1
SELECT position('ig' IN 'high'); -- bigint: 2
SELECT starts_with('foo_bar_baz', 'foo'); -- boolean: true
SELECT starts_with('foo', ''); -- boolean: true
SELECT substr('Quadratically', 5); -- varchar: ratically
SELECT substr('Quadratically', 50); -- varchar:
SELECT substr('Quadratically', -5); -- varchar: cally
SELECT substr('Quadratically', -50); -- varchar:
SELECT substr('Quadratically', 0); -- varchar:
SELECT substr('Quadratically', 5, 6); -- varchar: ratica
SELECT substr('Quadratically', 5, 50); -- varchar: ratically
SELECT substr('Quadratically', -5, 4); -- varchar: call
SELECT substr('Quadratically', -50, 4); -- varchar:
SELECT substr('Quadratically', 0, 4); -- varchar:
SELECT substr('Quadratically', 5, 0); -- varchar:
SELECT substring('Quadratically', 5); -- varchar: ratically
SELECT substring('Quadratically', 5, 10); -- varchar: ratically
SELECT split('a,b,c', ','); -- array(varchar): [a, b, c]
SELECT split('a.b.c', '.'); -- array(varchar): [a, b, c]
SELECT split_part('abc-@-def-@-ghi', '-@-', 2); -- varchar: def
SELECT split_part('abc-@-def-@-ghi', '-@-', 4); -- varchar: NULL
SELECT split_part('abc', 'abc', 2); -- varchar:
SELECT split_part('abc', '', 0); -- varchar: !INVALID_FUNCTION_ARGUMENT; no spark
SELECT translate('abcda', 'a', 'z'); -- varchar: zbcdz
SELECT translate('abcd', 'ac', 'z'); -- varchar: zbd
SELECT translate('abcd', 'a', ''); -- varchar: bcd
SELECT trim('  abcd '); -- varchar: abcd
SELECT ltrim('   hello'); -- varchar: hello
SELECT rtrim('hello   '); -- varchar: hello
SELECT trim('!' FROM '!foo!'); -- varchar: foo
SELECT trim(LEADING FROM '  abcd'); -- varchar: abcd
SELECT trim(BOTH '$' FROM '$var$'); -- varchar: var
SELECT trim(TRAILING 'ER' FROM upper('worker')); -- varchar: WORK
SELECT lpad('text', 5, 'x'); -- varchar: xtext
SELECT lpad('text', 3, 'xy'); -- varchar: tex
SELECT rpad('text', 5, 'x'); -- varchar: textx
SELECT rpad('text', 6, 'xy'); -- varchar: textxy
SELECT regexp_extract('1a 2b 14m', '\d+'); -- varchar: 1
SELECT regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2); -- varchar: a
SELECT regexp_extract('abc', '\d+'); -- varchar: NULL
SELECT regexp_extract_all('1a 2b 14m', '\d+'); -- array(varchar): [1, 2, 14]
SELECT regexp_like('1a 2b 14m', '\d+b'); -- boolean: true
SELECT regexp_replace('1a 2b 14m', '\d+[ab] '); -- varchar: 14m
SELECT regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 '); -- varchar: 3ca 3cb 14m
SELECT regexp_split('1a 2b 14m', '\s*[a-z]+\s*'); -- array(varchar): [1, 2, 14, ]
SELECT regexp_like('abc', '(?=a)'); -- boolean: !NOT_SUPPORTED
-- Source: Trino, docs/src/main/sphinx/functions/comparison.md (LIKE: no escape character unless one is given).
SELECT 'a\%c' LIKE 'a\%c'; -- boolean: true
SELECT 'a%c' LIKE 'a#%c' ESCAPE '#'; -- boolean: true
SELECT 'abc' LIKE 'a#%c' ESCAPE '#'; -- boolean: false
SELECT 'South_America' LIKE 'South\_America' ESCAPE '\'; -- boolean: true
