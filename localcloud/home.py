"""Where this server is: its endpoint, which functions and jobs call back, and the directory it may write to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Home:
    """Set once by `serve`, read by whatever starts processes or writes logs."""

    endpoint: str = ""
    directory: Path = Path(".local")


HOME = Home()
