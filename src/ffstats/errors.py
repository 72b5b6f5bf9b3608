"""The errors of ffstats: each says what happened, where, and what to do next."""

from __future__ import annotations


class FfstatsError(Exception):
    """Base of every error that ffstats raises on purpose."""
