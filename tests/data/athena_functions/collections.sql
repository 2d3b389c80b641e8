-- Source: Trino, docs/src/main/sphinx/functions/array.md, map.md, json.md, binary.md and the tests of the same functions.
SELECT ARRAY[1, 1.2, 4]; -- array(decimal(11, 1)): [1.0, 1.2, 4.0]
SELECT ARRAY[1, 1.2, 4][2]; -- decimal(11, 1): 1.2
SELECT ARRAY[1][2]; -- integer: !INVALID_FUNCTION_ARGUMENT; no spark
SELECT ARRAY[1] || ARRAY[2]; -- array(integer): [1, 2]
SELECT concat(ARRAY[1], ARRAY[2]); -- array(integer): [1, 2]
SELECT cardinality(ARRAY[1, 2, 3]); -- bigint: 3
SELECT element_at(ARRAY[1, 2, 3], 5); -- integer: NULL
SELECT element_at(ARRAY[1, 2, 3], -1); -- integer: 3
SELECT element_at(map(ARRAY['a', 'b'], ARRAY[1, 2]), 'b'); -- integer: 2
SELECT element_at(map(ARRAY['a', 'b'], ARRAY[1, 2]), 'c'); -- integer: NULL
SELECT map(ARRAY['a', 'b'], ARRAY[1, 2])['a']; -- integer: 1
SELECT map(ARRAY['a'], ARRAY[1])['z']; -- integer: !INVALID_FUNCTION_ARGUMENT; no spark
SELECT contains(ARRAY[1, 2], 2); -- boolean: true
SELECT array_distinct(ARRAY[5, 3, 5, 3]); -- array(integer): [5, 3]
SELECT array_sort(ARRAY[3, NULL, 1]); -- array(integer): [1, 3, null]
SELECT array_max(ARRAY[1, 3, 2]); -- integer: 3; no spark
SELECT array_max(ARRAY[1, NULL]); -- integer: NULL; no spark
SELECT array_min(ARRAY[1, 3, 2]); -- integer: 1; no spark
SELECT array_join(ARRAY['a', NULL, 'b'], ','); -- varchar: a,b
SELECT array_join(ARRAY['a', NULL, 'b'], ',', 'x'); -- varchar: a,x,b
SELECT array_position(ARRAY[10, 20], 20); -- bigint: 2
SELECT array_position(ARRAY[10, 20], 30); -- bigint: 0
SELECT slice(ARRAY[1, 2, 3, 4], 2, 2); -- array(integer): [2, 3]
SELECT sequence(1, 3); -- array(bigint): [1, 2, 3]
SELECT sequence(1, 9, 4); -- array(bigint): [1, 5, 9]
SELECT sequence(3, 1); -- array(bigint): [3, 2, 1]
SELECT flatten(ARRAY[ARRAY[1], ARRAY[2, 3]]); -- array(integer): [1, 2, 3]
SELECT reverse(ARRAY[1, 2]); -- array(integer): [2, 1]
SELECT transform(ARRAY[5, 6], x -> x + 1); -- array(integer): [6, 7]
SELECT transform(ARRAY[5, NULL, 6], x -> coalesce(x, 0) + 1); -- array(integer): [6, 1, 7]
SELECT transform(ARRAY['x', 'abc', 'z'], x -> x || '0'); -- array(varchar): [x0, abc0, z0]
SELECT transform(ARRAY[ARRAY[1, NULL, 2], ARRAY[3, NULL]], a -> filter(a, x -> x IS NOT NULL)); -- array(array(integer)): [[1, 2], [3]]
SELECT filter(ARRAY[5, -6, NULL, 7], x -> x > 0); -- array(integer): [5, 7]
SELECT any_match(ARRAY[1, 2], x -> x > 1); -- boolean: true
SELECT any_match(ARRAY[1, NULL], x -> x > 1); -- boolean: NULL
SELECT all_match(ARRAY[1, 2], x -> x > 1); -- boolean: false
SELECT all_match(ARRAY[2, NULL], x -> x > 1); -- boolean: NULL
SELECT none_match(ARRAY[1, 2], x -> x > 2); -- boolean: true
SELECT cardinality(map(ARRAY['a'], ARRAY[1])); -- bigint: 1
SELECT map(ARRAY['a', 'b'], ARRAY[1, 2]); -- map(varchar, integer): {a=1, b=2}
SELECT map_keys(map(ARRAY['a', 'b'], ARRAY[1, 2])); -- array(varchar): [a, b]
SELECT map_values(map(ARRAY['a', 'b'], ARRAY[1, 2])); -- array(integer): [1, 2]
SELECT to_hex(md5(to_utf8('hashme'))); -- varchar: 533F6357E0210E67D91F651BC49E1278
SELECT to_hex(sha1(to_utf8('hashme'))); -- varchar: FB78992E561929A6967D5328F49413FA99048D06
SELECT to_hex(sha256(to_utf8('hashme'))); -- varchar: 02208B9403A87DF9F4ED6B2EE2657EFAA589026B4CCE9ACCC8E8A5BF3D693C86
SELECT from_utf8(from_hex('48656C6C6F')); -- varchar: Hello
SELECT to_base64(to_utf8('abc')); -- varchar: YWJj
SELECT from_utf8(from_base64('YWJj')); -- varchar: abc
SELECT json_extract_scalar('{"a": {"b": "x"}}', '$.a.b'); -- varchar: x; no spark
SELECT json_extract_scalar('{"a": [1, 2]}', '$.a'); -- varchar: NULL; no spark
SELECT json_extract_scalar('not json', '$.a'); -- varchar: NULL; no spark
SELECT json_format(json_extract('{"a": [1, 2]}', '$.a')); -- varchar: [1,2]; no spark
SELECT json_array_length('[1, 2, 3]'); -- bigint: 3; no spark
SELECT json_format(json_parse('[1]')); -- varchar: [1]; no spark
