"""What the tests of hostile text share: the strings, ways to put them everywhere, and what a page may not hold."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markupsafe import Markup

STRINGS: list[str] = json.loads((Path(__file__).parent / "data" / "hostile.json").read_text(encoding="utf-8"))
"""Script, handlers, addresses that run, broken-out-of elements, turned directions, NUL, formulas, templates, paths."""
WHOLE = [text for text in STRINGS if not re.search("[\ud800-\udfff]", text)]
"""Those that UTF-8 can hold."""


def poisoned(value: Any, strings: Iterator[str] | None = None) -> Any:
    """Return data in which every text of several words ends in a hostile string; names, markup and numbers stay."""
    strings = strings or itertools.cycle(WHOLE)
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return f"{value} {next(strings)}" if re.search(r"\s", value.strip()) else value
    if isinstance(value, dict):
        return {name: poisoned(inner, strings) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        made = [poisoned(inner, strings) for inner in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: poisoned(getattr(value, f.name), strings) for f in dataclasses.fields(value) if f.init}
        return dataclasses.replace(value, **fields)
    return value


def a_sweep(tmp_path: Path) -> str:
    """Return the page of a sweep of a notebook whose title, parameters and failures are hostile."""
    from ffstats.pipeline import NotebookTask
    from ffstats.sweep import grid
    from ffstats.sweep import page as sweep_page
    from ffstats.sweep.runs import Failed, Run

    source = tmp_path / "stranger.ipynb"
    source.write_text('{"cells": [{"cell_type": "markdown", "source": "# </title><script>1</script>"}]}', encoding="utf-8")
    sets = [{"word": text, text[:9]: "1"} for text in WHOLE]
    runs = [Run(label, NotebookTask(source, values)) for label, values in zip(grid.labels(sets), sets, strict=True)]
    failed = [Failed(run, text) for run, text in zip(runs, WHOLE, strict=True)]
    return sweep_page.index(source, tmp_path, runs, failed, {})


class Parsed(HTMLParser):
    """What a page holds that could run or load something, and its policy."""

    LOADING = ("iframe", "object", "embed", "base", "link", "frame", "applet", "meta http-equiv=refresh")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts, self.found, self.policy = 0, list[str](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = given["content"]
        elif tag in self.LOADING or (tag == "meta" and "http-equiv" in given):
            self.found.append(tag)
        for name, value in given.items():
            runs = re.match(r"\s*(javascript|vbscript|data:text/html)", re.sub(r"[\x00-\x20]", "", value), re.I)
            if name.startswith("on") or name in ("srcdoc", "formaction") or (runs and name in ("href", "src", "action")):
                self.found.append(f"{tag} {name}={value[:60]}")
