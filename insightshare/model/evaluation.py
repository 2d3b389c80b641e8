"""How good a model is on rows that it has never seen, and whether that is good enough. Trains nothing.

The figures: `auc`, the area under the ROC curve, as the share of (leaver, stayer) pairs in the right order, ties half
(Hanley and McNeil, Radiology 143, 1982); `precision_at_top_20_percent`, the share of leavers among the fifth with the
highest scores; `log_loss`, the mean negative log-likelihood in nats; `base_rate`, the share of leavers; `test_rows`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from insightshare.contract.facts import Gate

TOP_SHARE = 0.2
_SMALLEST_PROBABILITY = 1e-15

Floats = npt.NDArray[np.float64]


def evaluate(scores: Floats, labels: Floats) -> dict[str, float]:
    """Return every figure; `labels` are 0 or 1, one per score, and both values occur."""
    safe = np.clip(scores, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
    return {
        "auc": auc(scores, labels),
        "precision_at_top_20_percent": precision_at_top(scores, labels, TOP_SHARE),
        "log_loss": float(-np.mean(labels * np.log(safe) + (1 - labels) * np.log(1 - safe))),
        "base_rate": float(np.mean(labels)),
        "test_rows": float(len(labels)),
    }


def auc(scores: Floats, labels: Floats) -> float:
    """Return the share of pairs of a 1 and a 0 in which the 1 has the higher score; ties count half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    below = np.concatenate(([0], np.cumsum(counts)[:-1]))
    ranks = (below + (counts + 1) / 2)[places]
    ones = float(labels.sum())
    return float((ranks[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones)))


def precision_at_top(scores: Floats, labels: Floats, share: float) -> float:
    """Return the share of ones among the `share` of rows with the highest scores (rounded down, at least one row)."""
    return float(labels[top_rows(scores, share)].mean())


def top_rows(scores: Floats, share: float) -> npt.NDArray[np.intp]:
    """Return the places of the `share` of rows with the highest scores (rounded down, at least one), highest first."""
    return np.argsort(-scores, kind="stable")[: max(1, int(len(scores) * share))]


def missed_gates(gates: Sequence[Gate], quality: Mapping[str, float]) -> tuple[str, ...]:
    """Return one line per gate that the model does not pass."""
    return tuple(
        f"{gate.metric}: {quality[gate.metric]:.4f} is not at least {gate.minimum}"
        for gate in gates
        if quality[gate.metric] < gate.minimum
    )
