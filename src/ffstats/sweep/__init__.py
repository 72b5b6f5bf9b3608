"""One notebook with many sets of parameters: which sets, their runs, and the one table that they make together."""

from __future__ import annotations
