"""moto's backends, which hold everything that this cloud remembers."""

from typing import Any

from moto.backends import get_backend


def backend(service: str, account_id: str, region: str) -> Any:
    """The backend of one service in one account and region ("aws" for global services)."""
    backends: Any = get_backend(service)  # type: ignore[call-overload]  # moto lists every service by name
    return backends[account_id][region]
