"""How evenly a model chooses between groups of people. Judges nothing and changes no score: the figure is published.

The demographic parity ratio is the lowest share chosen of any group divided by the highest (Feldman and others, KDD
2015, whose four-fifths rule asks for 0.8; Fairlearn's `demographic_parity_ratio`). Chosen is the fifth of the rows with
the highest scores, because that is whom an intervention reaches.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from insightshare.model.evaluation import TOP_SHARE, Floats, top_rows

METRIC = "demographic_parity_ratio_{}"
SMALLEST_GROUP = 30  # the share of fewer people says more about chance than about the model


def fairness(scores: Floats, attributes: pa.Table) -> Mapping[str, float]:
    """Return a figure per column of `attributes`, whose rows are those of `scores`.

    A column has none where it has fewer than two groups that are large enough, or where nobody of them is chosen.
    """
    chosen = np.zeros(len(scores), dtype=bool)
    chosen[top_rows(scores, TOP_SHARE)] = True
    figures: dict[str, float] = {}
    for name in attributes.column_names:
        shares = _shares(chosen, np.array([str(value) for value in attributes[name].to_pylist()]))
        if len(shares) > 1 and max(shares) > 0:
            figures[METRIC.format(name)] = min(shares) / max(shares)
    return figures


def _shares(chosen: "np.typing.NDArray[np.bool_]", groups: "np.typing.NDArray[np.str_]") -> list[float]:
    members = [groups == group for group in np.unique(groups)]
    return [float(chosen[of].mean()) for of in members if of.sum() >= SMALLEST_GROUP]
