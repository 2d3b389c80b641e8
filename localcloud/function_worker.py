"""Runs one Lambda function's handler for one event after another; started by functions.py with nothing but the standard
library, the unpacked package and the runtime's boto3 on its path. Knows nothing of localcloud."""

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any


class Context:
    """What a handler gets as its second argument."""

    def __init__(self, request_id: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.invoked_function_arn = os.environ["LOCALCLOUD_FUNCTION_ARN"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Load the handler once, then answer each line on standard input with a line on the original standard output."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the handler prints is log
    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], os.environ["LOCALCLOUD_RUNTIME"]]
    handler: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            handler = handler or load(os.environ["_HANDLER"])
            result = handler(request["event"], Context(request["id"], request["deadline"]))
            reply: dict[str, Any] = {"payload": json.dumps(result)}
        except Exception as error:
            traceback.print_exc()
            reply = {"error": failure(error, request["id"])}
        sys.stdout.flush()
        sys.stderr.flush()
        replies.write(json.dumps(reply) + "\n")


def load(name: str) -> Any:
    """The handler named `module.function`."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def failure(error: Exception, request_id: str) -> dict[str, Any]:
    """An exception as Lambda reports it."""
    kind = "Runtime.ImportModuleError" if isinstance(error, ImportError) else type(error).__name__
    stack = traceback.format_tb(error.__traceback__)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": stack}


if __name__ == "__main__":
    main()
