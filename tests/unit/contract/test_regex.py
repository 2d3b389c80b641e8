"""Which regular expressions are taken, and that DuckDB's library and Java's spelling of them mean the same."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insightshare.contract.regex import java_regex, like_regex, regex_problem


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"(?=a)", "the look-ahead (?="),
        (r"a(?!b)", "the look-ahead (?!"),
        (r"(?<=a)b", "the look-behind (?<="),
        (r"(?<!a)b", "the look-behind (?<!"),
        (r"(a)\1", r"the back-reference \1"),
        (r"(?P<x>a)(?P=x)", "the back-reference by name (?P="),
        (r"(?>a)", "the group (?>"),
        (r"a++", "the possessive repeat"),
        (r"a*+", "the possessive repeat"),
        (r"a{1001}", "the repeat {1001}"),
        (r"a\Z", r"the escape \Z"),
        (r"[[:alpha:]]", "a class within a class"),
        (r"[x[:alpha:]]", "the class [:alpha:]"),
        (r"[\b]", r"the escape \b"),
        (r"(", "a pattern that does not parse"),
        (r"*", "a pattern that does not parse"),
    ],
)
def test_what_re2_and_java_do_not_share_is_refused(pattern: str, problem: str) -> None:
    assert regex_problem(pattern) == problem


@pytest.mark.parametrize(
    ("pattern", "java"),
    [
        (r"^C\d{6}$", r"(?du)^C\d{6}\z"),
        (r"a\$", r"(?du)a\$"),
        (r"[$[&]", r"(?du)[$\[\&]"),
        (r"[]x]", r"(?du)[\]x]"),
        (r"\s[\s]", r"(?du)[\t\n\f\r ][\t\n\f\r ]"),
        (r"(?P<year>\d{4})-(?:a|b)", r"(?du)(\d{4})-(?:a|b)"),
        (r"(?m)^a$", r"(?du)(?m)^a$"),
        (r"a\b", r"(?du)a(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"),
    ],
)
def test_a_pattern_is_spelt_so_that_java_means_what_re2_means(pattern: str, java: str) -> None:
    assert regex_problem(pattern) is None
    assert java_regex(pattern) == java


@given(st.text(alphabet=r"ab1 .*+?()[]{}|^$\dwsb-&,:=!<P2", max_size=12))
def test_what_is_taken_is_taken_by_re2(pattern: str) -> None:
    if regex_problem(pattern) is None:
        pc.match_substring_regex(pa.array(["a"]), pattern)


@pytest.mark.parametrize(
    ("like", "text", "matches"),
    [("a%", "abc", True), ("a%", "ba", False), ("a_c", "a\nc", True), ("a.c", "abc", False), ("a", "a\n", False)],
)
def test_a_like_pattern_matches_whole_texts(like: str, text: str, matches: bool) -> None:
    assert pc.match_substring_regex(pa.array([text]), like_regex(like)).to_pylist() == [matches]
