"""Models: the same rows give the same model, the judge never saw the rows it judges on, a changed file is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insightshare.contract.facts import Gate, Model
from insightshare.errors import Conflict, DataInvalid, NotFound, PlatformError
from insightshare.model.evaluation import auc, evaluate, missed_gates, precision_at_top
from insightshare.model.fairness import SMALLEST_GROUP, fairness
from insightshare.model.lightgbm import fit, labels_of
from insightshare.model.split import Part, part_of, split
from insightshare.model.storage import StoredModel, champion_key, load_champion, model_folder, promote, save_model
from tests.unit.jobs.folders import FolderFiles

MODEL = Model(
    kind="lightgbm",
    label="left",
    features=("months", "plan"),
    rounds=20,
    seed=7,
    holdout_share=0.25,
    parameters={"num_leaves": 7, "min_data_in_leaf": 5},
    gates=(Gate("auc", 0.8),),
)


def features(rows: int = 400) -> pa.Table:
    """Customers with few months on the monthly plan leave; a tenth does the opposite."""
    numbers = range(rows)
    months = [number % 40 for number in numbers]
    plans = [None if number % 50 == 0 else "monthly" if number % 3 else "yearly" for number in numbers]
    left = [
        (month < 15 and plan == "monthly") != (number % 10 == 0)
        for number, month, plan in zip(numbers, months, plans, strict=True)
    ]
    ids = [f"C{number:04d}" for number in numbers]
    return pa.table({"id": ids, "months": months, "plan": plans, "left": left})


def trained() -> StoredModel:
    parts = split(features(), ("id",), MODEL)
    model = fit(MODEL, parts.training, parts.validation)
    return StoredModel("v1", model, evaluate(model.scorer().predict(parts.test), labels_of(parts.test, "left")))


def test_the_same_rows_give_the_same_model() -> None:
    assert trained().model.sha256 == trained().model.sha256


def test_the_model_learns_what_there_is_to_learn() -> None:
    assert trained().quality["auc"] > 0.8


def test_no_row_is_both_learnt_from_and_judged_on() -> None:
    parts = split(features(), ("id",), MODEL)
    training, validation, test = (set(t["id"].to_pylist()) for t in (parts.training, parts.validation, parts.test))

    assert not (training & validation or training & test or validation & test)
    assert len(training | validation | test) == 400


def test_a_row_stays_in_its_part_when_others_come() -> None:
    before = set(split(features(300), ("id",), MODEL).test["id"].to_pylist())
    after = set(split(features(400), ("id",), MODEL).test["id"].to_pylist())

    assert before == {key for key in after if key < "C0300"}


def test_about_as_much_is_held_out_as_was_asked_for() -> None:
    parts = [part_of(str(number), MODEL) for number in range(10_000)]

    assert 0.23 < parts.count(Part.TEST) / len(parts) < 0.27


def test_a_category_that_was_not_there_in_training_is_like_a_null() -> None:
    scorer = trained().model.scorer()
    unknown = pa.table({"months": [3, 3], "plan": pa.array(["weekly", None], pa.string())})

    first, second = scorer.predict(unknown)

    assert first == second


@pytest.mark.parametrize("labels", [[True, True], [True, None]])
def test_a_label_with_nothing_to_learn_is_refused(labels: list[bool | None]) -> None:
    with pytest.raises(DataInvalid) as refused:
        labels_of(pa.table({"left": pa.array(labels, pa.bool_())}), "left")

    assert str(refused.value) == (
        "features: left: a label with nulls or a single value is not two values. "
        "Fix: look at the source that the label comes from."
    )


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.9]), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    ones, zeros = [s for s, label in rows if label], [s for s, label in rows if not label]
    if not ones or not zeros:
        return
    pairs = [1.0 if one > zero else 0.5 if one == zero else 0.0 for one in ones for zero in zeros]

    scores, labels = np.array([s for s, _ in rows]), np.array([float(label) for _, label in rows])

    assert auc(scores, labels) == pytest.approx(sum(pairs) / len(pairs))


def test_precision_at_the_top_looks_at_the_highest_scores_only() -> None:
    scores, labels = np.array([0.9, 0.8, 0.1, 0.2, 0.3]), np.array([1.0, 0.0, 1.0, 1.0, 1.0])

    assert precision_at_top(scores, labels, 0.4) == 0.5


def people(*groups: tuple[str | None, int]) -> pa.Table:
    """So many rows of each group, one group after the other."""
    return pa.table({"group": pa.array([name for name, count in groups for _ in range(count)], pa.string())})


def test_fairness_is_the_lowest_share_chosen_by_the_highest() -> None:
    # The best 20 of 100: 15 of the 50 of a, and 5 of the 50 of b.
    scores = np.array([0.9] * 15 + [0.1] * 35 + [0.8] * 5 + [0.2] * 45)

    figures = fairness(scores, people(("a", 50), ("b", 50)))

    assert figures == {"demographic_parity_ratio_group": pytest.approx((5 / 50) / (15 / 50))}


def test_people_of_whom_nobody_is_chosen_make_the_ratio_zero() -> None:
    scores = np.array([0.9] * 50 + [0.1] * 50)

    assert fairness(scores, people(("a", 50), (None, 50))) == {"demographic_parity_ratio_group": 0.0}


def test_a_group_too_small_to_say_anything_is_left_out() -> None:
    scores = np.linspace(0, 1, 100 + SMALLEST_GROUP - 1)

    assert fairness(scores, people(("a", 100), ("b", SMALLEST_GROUP - 1))) == {}


def test_a_feature_that_is_gone_is_named() -> None:
    with pytest.raises(PlatformError) as refused:
        trained().model.scorer().predict(features().drop_columns(["plan"]))

    assert str(refused.value) == (
        "features: plan: missing is not a feature of the champion. "
        "Fix: train the model again: features.sql has changed since."
    )


def test_a_missed_gate_is_named_with_both_figures() -> None:
    assert missed_gates(MODEL.gates, {"auc": 0.7512}) == ("auc: 0.7512 is not at least 0.8",)
    assert missed_gates(MODEL.gates, {"auc": 0.8}) == ()


def test_the_champion_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    storage, stored = FolderFiles(tmp_path), trained()
    save_model(storage, "churn", stored, {})
    promote(storage, "churn", "v1")

    assert load_champion(storage, "churn") == stored


def test_a_model_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    storage = FolderFiles(tmp_path)
    save_model(storage, "churn", trained(), {})
    promote(storage, "churn", "v1")
    text = tmp_path / model_folder("churn", "v1") / "model.txt"
    text.write_text(text.read_text().replace("num_class=1", "num_class=1 "))

    with pytest.raises(PlatformError, match=r"model\.txt: sha256: another digest is not the one in model\.json"):
        load_champion(storage, "churn")


@pytest.mark.parametrize("name", ["model.txt", "model.json"])
def test_training_again_mends_a_model_that_was_changed(tmp_path: Path, name: str) -> None:
    storage, stored = FolderFiles(tmp_path), trained()
    save_model(storage, "churn", stored, {})
    promote(storage, "churn", "v1")
    changed = tmp_path / model_folder("churn", "v1") / name
    changed.write_text(changed.read_text().replace("v", "w"))

    save_model(storage, "churn", stored, {})

    assert load_champion(storage, "churn") == stored


def test_two_savings_of_one_version_at_once_do_not_overwrite_each_other(tmp_path: Path) -> None:
    class Raced(FolderFiles):
        def replace(self, key: str, body: bytes, tag: str | None) -> bool:
            (tmp_path / key).write_text("theirs")
            return super().replace(key, body, tag)

    key = f"{model_folder('churn', 'v1')}model.txt"
    FolderFiles(tmp_path).create(key, b"older")

    with pytest.raises(Conflict, match=r"model\.txt: model: written by somebody else is not as it was read"):
        save_model(Raced(tmp_path), "churn", trained(), {})

    assert (tmp_path / key).read_text() == "theirs"


def test_without_a_champion_scoring_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        load_champion(FolderFiles(tmp_path), "churn")

    assert str(missing.value) == (
        "churn: model: nothing is not a champion. Fix: train it: insightshare job train, then score."
    )


def test_a_model_of_which_a_part_is_missing_is_refused(tmp_path: Path) -> None:
    storage = FolderFiles(tmp_path)
    promote(storage, "churn", "v9")

    with pytest.raises(PlatformError, match=r"files: incomplete is not model\.json and model\.txt"):
        load_champion(storage, "churn")


def test_two_promotions_at_once_do_not_overwrite_each_other(tmp_path: Path) -> None:
    class Raced(FolderFiles):
        def replace(self, key: str, body: bytes, tag: str | None) -> bool:
            FolderFiles.create(self, key, json.dumps({"version": "theirs"}).encode())
            return super().replace(key, body, tag)

    with pytest.raises(Conflict, match="champion: moved by somebody else is not as it was read"):
        promote(Raced(tmp_path), "churn", "ours")

    assert json.loads((tmp_path / champion_key("churn")).read_text()) == {"version": "theirs"}


def test_a_promotion_replaces_the_champion(tmp_path: Path) -> None:
    storage, stored = FolderFiles(tmp_path), trained()
    for version in ("v1", "v2"):
        save_model(storage, "churn", replace(stored, version=version), {})
        promote(storage, "churn", version)

    assert load_champion(storage, "churn").version == "v2"
