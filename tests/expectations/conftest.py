"""Both verdicts on everything, computed once for all tests of this folder."""

from pathlib import Path

import pytest

from insightshare.quality.expectations_environment import interpreter
from tests.expectations.cases import cases
from tests.expectations.compared import Compared, GreatExpectationsElsewhere
from tests.expectations.tables import VARIANTS, table


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Every case on every table, by our gate and by Great Expectations on pandas."""
    tables = {name: table(name) for name in VARIANTS}
    chosen = list(cases())
    elsewhere = GreatExpectationsElsewhere(interpreter())
    scratch: Path = tmp_path_factory.mktemp("parity")
    return Compared(tables, chosen, elsewhere.endings(tables, chosen, scratch))
