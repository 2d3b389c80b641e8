"""The one hook in the SDK: spoils the calls that a plan names, and sends on what must take effect late. Judges nothing.

botocore asks the listeners of `before-send` before it sends a request: what they return is taken for the reply, and
what they raise for the failure of the connection. So each fault is made where the network would make it.
"""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPResponse

from tests.faults.replies import refusal

READING = ("Get", "List", "Query", "Head", "Describe", "Receive", "Batch_get")


class Fault(StrEnum):
    """What happens to one call."""

    STOP_BEFORE = "stop before"
    STOP_AFTER = "stop after"
    THROTTLED = "throttled"
    ERROR = "500"
    ERROR_AFTER = "500 after"
    TIMEOUT = "time-out"
    TIMEOUT_AFTER = "time-out after"
    LATE = "late"
    TWICE = "sent twice"
    KILL_BEFORE = "SIGKILL before"
    KILL_AFTER = "SIGKILL after"
    NONE = "none"  # readers look before every call
    SOME = "some"  # a race draws its own


AFTER_EFFECT = {Fault.STOP_AFTER, Fault.ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.LATE, Fault.TWICE, Fault.KILL_AFTER}
ON_READS = (Fault.STOP_BEFORE, Fault.THROTTLED, Fault.ERROR, Fault.TIMEOUT)
ON_WRITES = (*ON_READS, Fault.STOP_AFTER, Fault.ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.LATE, Fault.TWICE)


class Stopped(BaseException):
    """The process ends here; no `except Exception` in the code under test can swallow it."""


@dataclass(frozen=True)
class Sent:
    """One call that reached the hook: `service.Operation`."""

    name: str

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return not self.name.partition(".")[2].startswith(READING)


@dataclass
class Hook:
    """Counts the calls of an operation and of its retries; call number n meets the fault that `plan` has for n.

    A late call takes effect `late_by` calls later, or when `flush` is called. `each` is called before every call; a
    race takes turns there.
    """

    plan: dict[int, Fault] = field(default_factory=dict)
    late_by: int = 1_000
    each: Callable[[str], object] = lambda name: None
    calls: list[Sent] = field(default_factory=list)
    met: list[Fault] = field(default_factory=list)
    _late: list[tuple[int, AWSPreparedRequest]] = field(default_factory=list)

    def __call__(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        """Answer `before-send.<service>.<Operation>`; None lets the SDK send the request."""
        name = event_name.removeprefix("before-send.")
        self.each(name)
        number = len(self.calls)
        self.calls.append(Sent(name))
        self.flush(number)
        fault = self.plan.get(number)
        if fault is None:
            return None
        self.met.append(fault)
        return self._spoil(fault, request, name, number)

    def flush(self, number: int | None = None) -> None:
        """Send the late calls whose time has come; without a number, all."""
        due = [request for when, request in self._late if number is None or when <= number]
        self._late = [(when, request) for when, request in self._late if number is not None and when > number]
        for request in due:
            _send(request)

    def _spoil(self, fault: Fault, request: AWSPreparedRequest, name: str, number: int) -> AWSResponse | None:
        if fault is Fault.LATE:
            self._late.append((number + self.late_by, request))
        elif fault in AFTER_EFFECT:
            _send(request)
        if fault is Fault.TWICE:
            request.reset_stream()
            return None
        if fault in (Fault.STOP_BEFORE, Fault.STOP_AFTER):
            raise Stopped
        if fault in (Fault.KILL_BEFORE, Fault.KILL_AFTER):
            os.kill(os.getpid(), signal.SIGKILL)
        if fault in (Fault.TIMEOUT, Fault.TIMEOUT_AFTER, Fault.LATE):
            raise ReadTimeoutError(endpoint_url=request.url)
        status, headers, body = refusal(name, throttled=fault is Fault.THROTTLED)
        raw = HTTPResponse(body=io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), raw)


def _send(request: AWSPreparedRequest) -> None:
    """Let a request take effect, whatever the reply says."""
    URLLib3Session().send(request).content  # noqa: B018 - reads the reply to its end
