"""The quality gate: a contract's checks as one query, its answer as a verdict and a profile. Publishes nothing.

Our semantics, because engines differ; one row per question, and a golden case for each in `tests/data/quality`:

| question | answer |
|---|---|
| null in a range, set, pattern, length or list | says nothing; not null is a rule of its own |
| null among missing values | is missing, whether the list names it or not |
| null in several columns | a row of nulls says nothing (see `ignore_row_if`); a null beside a value breaks the rule |
| NaN | is not null; fails every range, pair, mean and extreme; equals itself, and is the greatest value of a quantile |
| infinity | is a number: a bound on its side refuses it, an extreme may be it; a mean or sum with it fails |
| minus zero | is zero |
| `mostly` | at least that share, exactly, of the rows that the rule is about; of none, every rule holds |
| `mustBe` and its kin on rows | the number of rows that break the rule, or their percentage of all; 0 of no rows |
| between, in the standard and in expectations | both bounds are inclusive; `strict_min`, `strict_max` exclude |
| bounds beside integers, floats and decimals | compared exactly: neither side is rounded to the other's type |
| unique key, `duplicateValues` | rows minus distinct keys; a null is a key part like any other |
| unique values (expectations) | every row that has a double is counted; nulls say nothing, as above |
| minimum cell | every row is counted of whose values there are fewer rows; a null is a value like any other |
| minimum cell `of` a column | not rows but different values of that column are counted; null is none of them |
| pattern | found anywhere in a text; what RE2 and Java share; a dot is all but a line feed, `$` the very end |
| `LIKE` pattern | the whole text |
| length | in characters (code points) |
| measure of no values | is none, and fails: mean, deviation, sum, extremes, quantiles, shares; a count of none is 0 |
| standard deviation | of a sample (one degree of freedom less than values); none below two values |
| mean and deviation with values beyond 1e100 | none: they overflow; the extremes still show them |
| quantile, median | discrete, lower: the smallest value with that share of the values at or below it |
| most common value | all values that are the most frequent; without `ties_okay` there must be one |
| distinct values in, contain, equal a set | of what is not null |
| sum of columns | a null or NaN beside values breaks it; doubles are added from left to right, all else exactly |
| freshness | hours from the newest value to the beginning of as_of, in UTC; a newer one is fresh, none is not |
| list length, embedding | an empty list has norm 0; a null, NaN or infinite element breaks an embedding |
| rule of type sql | one number in Athena's SQL; where the query fails on the data, its own rule fails |
| type, columns | those of the contract, which the schema check holds the files to |
| an expectation that is not compiled | is Great Expectations' own answer, on at most as many rows as the rule permits |

No verdict rests on an approximation or on a sample. A key is proved unique by the rows'
order where each is greater than the one before, whatever that order is; where one is not, the rows are grouped.

Where Great Expectations (on pandas, unless said) is of another mind; `tests/expectations` compares all that we compile:

| question | Great Expectations | ours, and why |
|---|---|---|
| NaN | null | a value that fails: pandas has no other null for doubles, the tables that readers query have |
| median | half-way between the two middle values | the lower one: a quantile is a value that is there |
| quantile | the value nearest to the place | the smallest with that share at or below it: exact, the same everywhere |
| classes of characters in a pattern | `\\w`, `\\d`, `\\s` of every script | of ASCII only, as RE2 has them |
| decimals beside nulls | mean, deviation and sum stop with an error | measured: nulls say nothing, as elsewhere |
| days in a set | no day equals a text | the text is read as a day: a contract can only hold text |
| counts of distinct values | distinct values that are not listed | rows that hold them; the verdict is the same |
| `LIKE` patterns | not there, nor on Spark | run: one sign is any character, the other any number of them |
| names of types | pandas' own, or Spark's | Athena's: a contract knows no engine |
| on Spark: null beside a value | a comparison neither kept nor broken | broken, as on pandas: it was not kept |
| on Spark: NaN in quantiles | left out, though it is a value elsewhere | the greatest value, so that it is seen |
"""
