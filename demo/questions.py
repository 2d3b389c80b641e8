"""What the three clients ask through Athena, and how each question must end. Asks nothing itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_MONTHLY = frozenset({"Month-to-month"})
_YEARLY = frozenset({"One year", "Two year"})


@dataclass(frozen=True)
class Question:
    """One query of one client, and what must come of it.

    `refused_with` is a part of AWS's message where the grant does not allow the query; otherwise `only` holds, by
    column position, the values that alone may be there, and `exactly` all rows where they are known beforehand.
    """

    client: str
    says: str
    sql: str
    refused_with: str = ""
    only: Mapping[int, frozenset[str]] = field(default_factory=dict)
    exactly: tuple[tuple[str, ...], ...] | None = None

    def rows_match(self, rows: Sequence[Sequence[str | None]]) -> bool:
        """Say whether these rows are an answer that the agreement allows, and an answer at all."""
        if self.exactly is not None:
            return tuple(tuple(row) for row in rows) == self.exactly
        return bool(rows) and all(row[place] in allowed for place, allowed in self.only.items() for row in rows)


QUESTIONS = (
    Question(
        "acme",
        "who is likely to leave (granted columns, monthly contracts only)",
        "SELECT contract, risk_category, count(*) AS customers FROM churn_latest GROUP BY 1, 2 ORDER BY 2",
        only={0: _MONTHLY},
    ),
    Question(
        "acme",
        "rows outside its agreement are not there",
        "SELECT count(*) AS customers FROM churn_latest WHERE contract = 'Two year'",
        exactly=(("0",),),
    ),
    Question(
        "acme",
        "a column outside its agreement",
        "SELECT health_score FROM churn_latest",
        "Column 'health_score' cannot",
    ),
    Question(
        "acme",
        "all of another insight",
        "SELECT genre, count(*) AS people FROM interests_latest GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
    ),
    Question(
        "acme",
        "an insight outside its agreement",
        "SELECT * FROM product_area_impact_latest",
        "Insufficient Lake Formation permission",
    ),
    Question(
        "globex",
        "what to mend first",
        "SELECT product_area, priority_score, feedback_count FROM product_area_impact_latest "
        "ORDER BY priority_score DESC LIMIT 3",
    ),
    Question(
        "globex",
        "health of the yearly contracts, on both dates",
        "SELECT as_of, contract, count(*) AS customers, round(avg(health_score), 1) AS health FROM churn "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        only={1: _YEARLY},
    ),
    Question(
        "globex",
        "a column that only acme was granted",
        "SELECT churn_probability FROM churn_latest",
        "Column 'churn_probability' cannot",
    ),
    Question(
        "globex",
        "an insight outside its agreement",
        "SELECT * FROM interests_latest",
        "Insufficient Lake Formation permission",
    ),
    Question(
        "initech",
        "how long its customers have been there, from an account outside our organisation",
        "SELECT contract, count(*) AS customers, min(tenure_months) AS months FROM churn_latest GROUP BY 1 ORDER BY 1",
        only={0: _YEARLY},
    ),
    Question(
        "initech",
        "a table that its agreement leaves out",
        "SELECT * FROM churn_runs",
        "Insufficient Lake Formation permission",
    ),
    Question(
        "initech",
        "a column that only globex was granted",
        "SELECT health_score FROM churn_latest",
        "Column 'health_score' cannot",
    ),
)
