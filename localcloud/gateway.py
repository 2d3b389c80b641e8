"""The one door of the local AWS: names each call and its caller; extensions answer, else moto. Knows no service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from werkzeug.test import run_wsgi_app

from localcloud.wire import Reply, Request, Wire, parse_request, reply_with_error, reply_with_json, rewrite_json

log = logging.getLogger("localcloud")


@dataclass(frozen=True)
class Caller:
    """Who calls: `arn` is an IAM user or role, also where the credentials belong to a session of that role."""

    account_id: str
    arn: str
    access_key_id: str


@dataclass(frozen=True)
class Call:
    """One API call; `params` are the input's wire names (for S3 those of the path and query, never the object)."""

    service: str
    action: str
    region: str
    caller: Caller
    params: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names


class AwsError(Exception):
    """An error reply in the protocol of the called service; `fields` are further members of the error's shape."""

    def __init__(self, code: str, message: str, status: int = 400, fields: dict[str, Any] | None = None) -> None:
        super().__init__(code, message, status, fields)
        self.code, self.message, self.status, self.fields = code, message, status, fields or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


Handler = Callable[[Call], dict[str, Any] | None]
Rewriter = Callable[[Call, dict[str, Any]], dict[str, Any]]
Guard = Callable[[Call], None]
Observer = Callable[[Call, int], None]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


@dataclass
class Extensions:
    """What answers, changes, denies or watches calls; keys are (service, action), for guards the service."""

    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    rewriters: dict[tuple[str, str], Rewriter] = field(default_factory=dict)
    guards: dict[str, list[Guard]] = field(default_factory=dict)
    observers: dict[tuple[str, str], list[Observer]] = field(default_factory=dict)

    def add(self, module: Any) -> None:
        """Take over what `module` exposes; two answers to one action are a mistake."""
        for name in ("HANDLERS", "REWRITERS"):
            ours: dict[tuple[str, str], Any] = getattr(self, name.lower())
            theirs = getattr(module, name, {})
            if twice := sorted(ours.keys() & theirs.keys()):
                raise ValueError(f"{module.__name__}: {name}: {twice} is answered twice. Fix: keep one of the two.")
            ours.update(theirs)
        for service, guards in getattr(module, "GUARDS", {}).items():
            self.guards.setdefault(service, []).extend(guards)
        for key, observers in getattr(module, "OBSERVERS", {}).items():
            self.observers.setdefault(key, []).extend(observers)


class Gateway:
    """The WSGI application. `identify` maps (access key id, region) to the caller or raises; `record` sees all."""

    def __init__(
        self,
        moto: WsgiApp,
        extensions: Extensions,
        identify: Callable[[str, str], Caller],
        record: Callable[[Call, int], None],
        lock_for: Callable[[Call], AbstractContextManager[Any] | None] = lambda call: None,
    ) -> None:
        self.moto, self.extensions, self.identify, self.record = moto, extensions, identify, record
        self.lock_for = lock_for

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = parse_request(environ)
        if request is None:  # moto's own endpoints and whatever is not an AWS call
            return self.moto(environ, start_response)
        wire = request.wire
        call = None
        try:
            caller = self.identify(request.access_key_id, request.region)
            call = Call(wire.service, wire.action, request.region, caller, request.params, request.headers)
            status, headers, body = self._answer(call, request, environ)
        except AwsError as error:
            status, headers, body = reply_with_error(wire, error.code, error.message, error.status, error.fields)
        except JsonRESTError as error:  # moto's backends, called by a handler
            status, headers, body = reply_with_error(
                wire, error.relative_error_type, error.message, int(error.code or 400), {}
            )
        except ServiceException as error:  # the same, moto's newer kind
            status, headers, body = reply_with_error(wire, error.code, error.message, 400, {})
        except NotImplementedError as error:
            message = f"{wire.service}:{wire.action} is not on the local AWS: {error}"
            status, headers, body = reply_with_error(wire, "NotImplemented", message, 501, {})
        except Exception:
            log.exception("%s:%s failed", wire.service, wire.action)
            message = f"{wire.service}:{wire.action} failed; the local AWS's log has the stack."
            status, headers, body = reply_with_error(wire, "InternalFailure", message, 500, {})
        if call is not None:
            self._watch(call, status)
        start_response(f"{status} {'OK' if status < 300 else 'Error'}", headers)
        return body

    def _answer(self, call: Call, request: Request, environ: dict[str, Any]) -> Reply:
        for guard in self.extensions.guards.get(call.service, []):
            guard(call)
        key = (call.service, call.action)
        if handler := self.extensions.handlers.get(key):
            reply = handler(call)
            if reply is not None:
                return reply_with_json(request.wire, reply)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.caller.account_id
        rewriter = self.extensions.rewriters.get(key)
        with self.lock_for(call) or nullcontext():
            body, status_line, headers = run_wsgi_app(self.moto, environ, buffered=rewriter is not None)
        status = int(status_line.split(" ", 1)[0])
        if rewriter is not None and status < 300:
            return rewrite_json(status, list(headers), body, lambda reply: rewriter(call, reply))
        return status, list(headers), body

    def _watch(self, call: Call, status: int) -> None:
        self.record(call, status)
        if status >= 300:
            return
        for observer in self.extensions.observers.get((call.service, call.action), []):
            try:
                observer(call, status)
            except Exception:
                log.exception("an observer of %s:%s failed", call.service, call.action)


__all__ = ["AwsError", "Call", "Caller", "Extensions", "Gateway", "Guard", "Handler", "Observer", "Rewriter", "Wire"]
