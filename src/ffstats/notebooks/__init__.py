"""Running notebooks: canonical form, one run or many, and the warm engine behind papermill."""

from __future__ import annotations
