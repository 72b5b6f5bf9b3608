"""Numbers that a notebook derives: recorded where they are computed, so that no text has to type them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ffstats.errors import NumberError
from ffstats.estimate import Estimate

_ID = re.compile(r"[a-z][a-z0-9]*([._][a-z0-9]+)*")


def record(
    number_id: str,
    estimate: Estimate,
    definition: str,
    sources: Iterable[str],
    *,
    digits: int | None = None,
    tolerance: float = 0.0,
) -> Estimate:
    """Record a derived number under an id, and return it as it is to be read.

    Parameters: number_id, lower-case words joined by dots or underscores, such as "rise.growth_2017";
    estimate, with its unit; definition, in words; sources, the ids of the sources it rests on; digits, the
    significant digits that its sources justify (None: all); tolerance, by how much a rerun may differ (in the unit).
    Returns: the estimate rounded to these digits; what is kept is not rounded.
    In a run of the pipeline it is written below FFSTATS_OUT; elsewhere nothing is written.
    Raises: NumberError, for an id or a source that is not one.

    >>> str(record("example.total", Estimate.at_least(5600), "persons returned", ["soufan2017"]))
    'at least 5,600'
    """
    from ffstats import sources as registry

    if not _ID.fullmatch(number_id):
        raise NumberError(
            f"{number_id!r} is not an id. Write lower-case words joined by dots: rise.growth_2017."
        )
    known = registry.registry()
    named = sorted(set(sources))
    strangers = [s for s in named if s not in known]
    if strangers:
        raise NumberError(
            f"{number_id}: no source {', '.join(strangers)}. The sources are {', '.join(known)}."
        )
    read = estimate if digits is None else estimate.rounded(digits)
    folder = os.environ.get("FFSTATS_OUT")
    if folder:
        entry: dict[str, Any] = {
            "id": number_id,
            "estimate": estimate.as_dict(),
            "text": str(read),
            "unit": estimate.unit,
            "definition": definition,
            "sources": named,
            "tolerance": tolerance,
            "cell": _cell(),
        }
        path = Path(folder) / "numbers" / f"{number_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and json.loads(path.read_text(encoding="utf-8"))["cell"] != entry["cell"]:
            raise NumberError(f"{number_id}: recorded twice in one notebook. Give each number its own id.")
        path.write_text(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return read


def _cell() -> int:
    """Return the execution count of the cell that is running, 0 outside a notebook."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    # Not execution_count: whether it counts the running cell already differs between versions of IPython.
    return len(shell.user_ns["In"]) - 1 if shell is not None else 0
