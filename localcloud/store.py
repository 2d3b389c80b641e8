"""moto's backends, which hold everything that this cloud remembers."""

from functools import cache
from typing import Any

from moto.backends import get_backend


def backend(service: str, account_id: str, region: str) -> Any:
    """The backend of one service in one account and region ("aws" for global services)."""
    backends = _backends(service)
    held = dict.get(backends, account_id)  # moto's own look-up takes a lock and walks lists, every time
    return (backends[account_id] if held is None else held)[region]


@cache
def _backends(service: str) -> Any:
    return get_backend(service)  # type: ignore[call-overload]  # moto lists every service by name
