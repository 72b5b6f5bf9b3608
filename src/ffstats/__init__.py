"""Published estimates of ISIS foreign fighters, traced to where they were printed, checked and redrawn.

>>> import ffstats
>>> str(ffstats.parse("more than 40,000"))
'at least 40,000'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Estimate": "estimate",
    "parse": "printed",
    "describe": "dictionary",
    "readings": "tidy",
    "estimates": "tidy",
    "series": "tidy",
    "population": "tidy",
    "claims": "tidy",
    "evidence": "tidy",
    "events": "tidy",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import ffstats` stays light."""
    if name not in _HOME:
        raise AttributeError(f"module 'ffstats' has no attribute {name!r}")
    return getattr(import_module(f"ffstats.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
