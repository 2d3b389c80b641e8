"""An SDK's further attempt at a call that succeeded: answered with the first reply, not done again. Sends nothing.

The small web server under the gateway loses a reply now and then on a busy machine. The SDK then sends the call again,
with the same invocation id and a higher attempt, and a creation would conflict with itself.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

Reply = tuple[int, list[tuple[str, str]], Iterable[bytes]]
KEPT = 4096
_ATTEMPT = re.compile(r"attempt=(\d+)")
_NO_CONTENT = 204  # has no length either
_LARGEST_KEPT_BYTES = 64 * 1024


class Replies:
    """The last successful replies, by the SDK's invocation id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    def first(self, headers: Mapping[str, str]) -> Reply | None:
        """The reply that an earlier attempt of this call got, or None: then it is to be done."""
        attempt = _ATTEMPT.search(headers.get("amz-sdk-request", ""))
        if attempt is None or int(attempt[1]) < 2:
            return None
        with self._lock:
            return self._replies.get(headers.get("amz-sdk-invocation-id", ""))

    def keep(self, headers: Mapping[str, str], reply: Reply) -> Reply:
        """Keep a successful reply for a further attempt; returns it whole, as one piece of known length."""
        status, given, body = reply
        whole = b"".join(body)
        if close := getattr(body, "close", None):
            close()
        length = [] if status == _NO_CONTENT else [("Content-Length", str(len(whole)))]
        reply = (status, [pair for pair in given if pair[0].lower() != "content-length"] + length, [whole])
        invocation = headers.get("amz-sdk-invocation-id")
        if invocation and status < 300 and len(whole) <= _LARGEST_KEPT_BYTES:
            with self._lock:
                self._replies[invocation] = reply
                while len(self._replies) > KEPT:
                    self._replies.popitem(last=False)
        return reply

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._replies.clear()
