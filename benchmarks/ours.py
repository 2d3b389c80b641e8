"""One run as the score job makes it: sorted, written, audited, profiled, by DuckDB. Run by `python -m benchmarks`."""

import sys
from pathlib import Path

from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.audit import audit

if __name__ == "__main__":
    source, target = sys.argv[1:]
    churn = load_project(Path()).insights["churn"]
    with DuckDb() as engine:
        engine.add_files("rows", [source], churn.types)
        engine.write_sorted("SELECT * FROM rows", churn.types, churn.order_by, Path(target))
        engine.add_files("run", [target], churn.types)
        verdict = audit(engine, "run", churn, engine.found_types([target], churn.types))
    sys.exit(0 if verdict.passed else verdict.summary())
