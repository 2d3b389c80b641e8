"""Turns folders that describe insights into governed tables on AWS; here is only the front door for readers."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insightshare.client import connect as connect

__all__ = ["connect"]


def __getattr__(name: str) -> Any:
    """Load the client when it is first asked for: a Lambda that only registers runs carries neither Arrow nor boto3."""
    if name == "connect":
        return import_module("insightshare.client").connect
    raise AttributeError(f"module 'insightshare' has no attribute {name!r}")
