"""Tells what Great Expectations itself knows and reads; runs in its environment. Compares nothing.

Called as `python facts.py ANSWER [DOCUMENT]`: writes the arguments of every expectation that it has by name and, of a
validation result, what it is after it was read and written again.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main(answer_path: str, document_path: str = "") -> None:
    """Write the answer."""
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    names = list_registered_expectation_implementations()
    answer: dict[str, Any] = {"expectations": {name: list(get_expectation_impl(name).__fields__) for name in names}}
    if document_path:
        result = expectationSuiteValidationResultSchema.load(json.loads(Path(document_path).read_text()))
        answer |= {
            "type": type(result).__name__,
            "success": result.success,
            "again": result.to_json_dict(),
            "worst": str(result.get_max_severity_failure()),
            "expectations_of_results": [type(one.expectation).__name__ for one in result.results],
        }
    Path(answer_path).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
