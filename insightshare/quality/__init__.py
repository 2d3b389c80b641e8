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
"""
