"""A stand-in for Great Expectations' interpreter, and rules and rows to ask it about. Holds no assertion."""

import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from insightshare.contract.facts import Check

JSON_RULE = Check(
    "kind_is_json", "expectation", ("kind",), "error", "A kind is JSON.",
    expectation="expect_column_values_to_be_json_parseable", kwargs={"mostly": 0.5}, row_limit=3,
)  # fmt: skip
TABLE_RULE = replace(JSON_RULE, id="table_rule", columns=(), expectation="expect_table_something", kwargs={})
ROWS = pa.table({"id": [2, 1, 3], "kind": ["{}", "x", None], "score": [0.1, 0.2, 0.3]})
STAND_IN = """#!{python}
import json, sys
import pyarrow.parquet as pq
request, answer = sys.argv[-2:]
asked = json.load(open(request))
json.dump({{**asked, "rows": pq.read_table(asked["data"]).to_pylist()}}, open({seen!r}, "w"))
json.dump({answers}, open(answer, "w"))
"""
COUNTED = {"error": None, "success": False, "element_count": 3, "unexpected_count": 1, "missing_count": 1}
ANSWER = {"id": "kind_is_json", **COUNTED, "measured": None, "keys": [["1"]]}


def stand_in(folder: Path, *answers: object) -> Path:
    """An interpreter that writes down what it was asked, and answers so."""
    script = folder / "python"
    seen = str(folder / "seen.json")
    script.write_text(STAND_IN.format(python=sys.executable, seen=seen, answers=repr(list(answers))))
    script.chmod(0o755)
    return script
