"""The quality gate: a contract's checks as one query, its answer as a verdict and a profile. Publishes nothing.

Our semantics, because engines differ:

| question | answer |
|---|---|
| null in a range or set check | says nothing; `not_null` is the rule for it |
| NaN | is not null, and fails every range check |
| infinity | is a number; it fails a range check with a bound on its side |
| null in a unique check | a key part like any other: two equal keys with a null are duplicates |
| range | both bounds are inclusive |
| duplicates | rows minus distinct keys |
| standard deviation | of a sample (one degree of freedom less than values); null below two values |
| mean and deviation of values beyond 1e100 | null: they overflow; the extremes still show them |
| quantile | discrete, lower: a value that is there |

Where Great Expectations (on pandas, unless said) is of another mind; `tests/expectations` compares all that we compile:

| question | Great Expectations | ours, and why |
|---|---|---|
| NaN | null | a value that fails: pandas has no other null for doubles, the tables that readers query have |
| median | half-way between the two middle values | the lower one: a quantile is a value that is there |
| quantile | the value nearest to the place | the smallest with that share at or below it: exact, the same everywhere |
| infinite extremes | numbers that may keep a bound | keep none: what is measured must be finite |
| classes of characters in a pattern | `\\w`, `\\d`, `\\s` of every script | of ASCII only, as RE2 has them |
| decimals beside nulls | mean, deviation and sum stop with an error | measured: nulls say nothing, as elsewhere |
| days in a set | no day equals a text | the text is read as a day: a contract can only hold text |
| counts of distinct values | distinct values that are not listed | rows that hold them; the verdict is the same |
| `LIKE` patterns | not there, nor on Spark | run: one sign is any character, the other any number of them |
| names of types | pandas' own, or Spark's | Athena's: a contract knows no engine |
| on Spark: null beside a value | a comparison neither kept nor broken | broken, as on pandas: it was not kept |
| on Spark: NaN in quantiles | left out, though it is a value elsewhere | the greatest value, so that it is seen |
"""
