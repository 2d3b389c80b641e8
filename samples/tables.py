"""The source tables made from the originals, by the rules that the sources' contracts state. Writes no file."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FIRST_FEEDBACK_DAY = date(2025, 1, 1)
FEEDBACK_DAYS = 669
FEEDBACK_CUSTOMERS = 1_000
REGIONS = ("east", "north", "south", "west")
_GENRES_FROM_COLUMN = 5  # the 19 genre flags are the last columns of the original
_TELCO_FLAGS = ("female", "senior_citizen", "partner", "dependents", "phone_service", "paperless_billing")
_TELCO_COLUMNS = [
    "customer_id",
    "churned",
    "female",
    "senior_citizen",
    "partner",
    "dependents",
    "tenure_months",
    "phone_service",
    "multiple_lines",
    "internet_service",
    "online_security",
    "online_backup",
    "device_protection",
    "tech_support",
    "streaming_tv",
    "streaming_movies",
    "contract",
    "paperless_billing",
    "payment_method",
    "monthly_charges",
    "total_charges",
]

Originals = Mapping[str, pa.Table]


def movielens_ratings(originals: Originals) -> pa.Table:
    """One row per rating."""
    ratings = originals["ratings"]
    return pa.table(
        {
            "user_id": ratings["user_id"].cast(pa.int64()),
            "movie_id": ratings["movie_id"].cast(pa.int64()),
            "rating": ratings["rating"].cast(pa.int32()),
            "rated_at": ratings["timestamp"].cast(pa.timestamp("s")).cast(pa.timestamp("us")),
        }
    )


def movielens_items(originals: Originals) -> pa.Table:
    """One row per film."""
    items = originals["items"]
    genres = sorted(items.column_names[_GENRES_FROM_COLUMN:])
    flags = [items[genre].to_pylist() for genre in genres]
    return pa.table(
        {
            "movie_id": items["movie_id"].cast(pa.int64()),
            "title": items["movie_title"].cast(pa.string()),
            "release_date": pa.array([_release_date(text) for text in items["release_date"].to_pylist()], pa.date32()),
            "genres": pa.array(
                [[genre for genre, flag in zip(genres, row, strict=True) if flag] for row in zip(*flags, strict=True)],
                pa.list_(pa.string()),
            ),
        }
    )


def movielens_users(originals: Originals) -> pa.Table:
    """One row per person."""
    users = originals["users"]
    text = {name: users[name].cast(pa.string()) for name in ("gender", "occupation", "zip_code")}
    return pa.table({"user_id": users["user_id"].cast(pa.int64()), "age": users["age"].cast(pa.int32()), **text})


def telco_customers(originals: Originals) -> pa.Table:
    """One row per customer; the number is given in file order, because the original has none."""
    telco = originals["telco"]
    columns: dict[str, Any] = {name: telco[name] for name in telco.column_names}
    columns |= {name: pc.equal(telco[name], 1) for name in _TELCO_FLAGS}
    columns["customer_id"] = pa.array([f"C{number:06d}" for number in range(1, telco.num_rows + 1)], pa.string())
    columns["churned"] = pc.equal(telco["churn"], "Yes")
    columns["tenure_months"] = telco["tenure"].cast(pa.int32())
    table = pa.table({name: columns[name] for name in _TELCO_COLUMNS})
    plain = [f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in table.schema]
    return table.cast(pa.schema(plain)).replace_schema_metadata()


def feedback_enriched(originals: Originals) -> pa.Table:
    """One row per review, assigned to a customer and enriched by the rules of the source's contract."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # reads its lexicon when imported

    analyse: Callable[[str], Mapping[str, float]] = SentimentIntensityAnalyzer().polarity_scores
    telco = telco_customers(originals)
    charges = dict(zip(telco["customer_id"].to_pylist(), telco["monthly_charges"].to_pylist(), strict=True))
    reviews = originals["reviews"].to_pylist()
    rows = [_feedback(number, review, analyse, charges) for number, review in enumerate(reviews, start=1)]
    return pa.Table.from_pylist(rows, schema=_FEEDBACK_SCHEMA)


TABLES: Mapping[str, Callable[[Originals], pa.Table]] = {
    "movielens_ratings": movielens_ratings,
    "movielens_items": movielens_items,
    "movielens_users": movielens_users,
    "telco_customers": telco_customers,
    "feedback_enriched": feedback_enriched,
}

_FEEDBACK_SCHEMA = pa.schema(
    [
        ("feedback_id", pa.int64()),
        ("customer_id", pa.string()),
        ("feedback_date", pa.date32()),
        ("product_area", pa.string()),
        ("rating", pa.int32()),
        ("recommended", pa.bool_()),
        ("helpful_votes", pa.int32()),
        ("sentiment_score", pa.float64()),
        ("priority", pa.string()),
        ("customer_tier", pa.string()),
        ("region", pa.string()),
    ]
)


def _feedback(
    number: int,
    review: Mapping[str, Any],
    analyse: Callable[[str], Mapping[str, float]],
    charges: Mapping[str, float],
) -> dict[str, Any]:
    customer = f"C{1 + _hashed(f'customer:{number}') % FEEDBACK_CUSTOMERS:06d}"
    text = ". ".join(part for part in (review["Title"], review["Review Text"]) if part)
    department, item_class = review["Department Name"], review["Class Name"]
    rating, recommended = review["Rating"], review["Recommended IND"] == 1
    return {
        "feedback_id": number,
        "customer_id": customer,
        "feedback_date": FIRST_FEEDBACK_DAY + timedelta(days=_hashed(f"date:{number}") % FEEDBACK_DAYS),
        "product_area": f"{department} / {item_class}" if department else "Unassigned",
        "rating": rating,
        "recommended": recommended,
        "helpful_votes": review["Positive Feedback Count"],
        "sentiment_score": analyse(text)["compound"] if text else None,
        "priority": "high" if rating <= 2 else "medium" if rating == 3 or not recommended else "low",
        "customer_tier": _tier(charges[customer]),
        "region": REGIONS[_hashed(f"region:{customer}") % len(REGIONS)],
    }


def _tier(monthly_charges: float) -> str:
    return "enterprise" if monthly_charges >= 90 else "business" if monthly_charges >= 60 else "basic"


def _hashed(text: str) -> int:
    """The first 8 hexadecimal digits of the text's SHA-256, as a number: the same on every machine."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _release_date(text: str | None) -> date | None:
    return datetime.strptime(text, "%d-%b-%Y").date() if text else None
