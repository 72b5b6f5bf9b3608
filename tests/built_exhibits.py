"""Every exhibit of the catalogue, built once from the real tidy tables for all the tests that look at them."""

from __future__ import annotations

from functools import cache

from ffstats import catalogue, render
from ffstats.drawn import Exhibit


@cache
def built(exhibit_id: str) -> Exhibit:
    """Return an exhibit under its default parameters."""
    return catalogue.build(exhibit_id)


@cache
def picture(exhibit_id: str) -> str:
    """Return a figure as SVG."""
    files = built(exhibit_id).files()
    return render.pictures(files[f"figures/{exhibit_id}.json"])[0].decode("utf-8")


def ids(kind: str) -> list[str]:
    """Return the ids of the exhibits of a kind, in the order of the catalogue."""
    return [known.id for known in catalogue.entries() if known.kind == kind]
