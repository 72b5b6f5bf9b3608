"""The parameters of a notebook: what its `parameters` cell declares, and the check of what is passed."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.errors import NotebookFailed, UnknownParameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a notebook: its name, type, default (as source text) and comment."""

    name: str
    type: str
    default: str
    help: str

    def __str__(self) -> str:
        kind = f": {self.type}" if self.type not in ("", "None") else ""
        comment = f"  # {self.help}" if self.help else ""
        return f"{self.name}{kind} = {self.default}{comment}"


def declared(source: str | os.PathLike[str]) -> dict[str, Parameter]:
    """Return the parameters that a notebook's `parameters` cell declares, by name, in its order.

    Raises: NotebookFailed, for a file that is no notebook or does not say in which language it is.
    """
    import papermill

    path = os.fspath(source).replace("{", "{{").replace("}", "}}")  # papermill takes a path for a template
    try:
        found = papermill.inspect_notebook(path)
    except Exception as error:  # of what is no notebook; papermill and nbformat have no common error for that
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "Open it in JupyterLab with a Python kernel, and save it again."
        raise NotebookFailed(f"{paths.shown(Path(source))}: its parameters cannot be read ({reason}). {hint}") from error
    return {
        name: Parameter(name, row["inferred_type_name"], row["default"], row["help"])
        for name, row in found.items()
    }


def check(passed: Mapping[str, Any], valid: Mapping[str, Parameter], notebook: str) -> None:
    """Raise UnknownParameter, listing what is valid, if a notebook does not declare what is passed.

    >>> check({"rul": "printed"}, {"rule": Parameter("rule", "str", "'printed'", "mark")}, "01_rise.ipynb")
    Traceback (most recent call last):
    ...
    ffstats.errors.UnknownParameter: 01_rise.ipynb has no parameter 'rul' (did you mean 'rule'?). It has:
      rule: str = 'printed'  # mark
    """
    unknown = [name for name in passed if name not in valid]
    if unknown:
        named = ", ".join(f"{name!r}{_suggestion(name, valid)}" for name in unknown)
        listed = "\n".join(f"  {parameter}" for parameter in valid.values())
        noun = "parameter" if len(unknown) == 1 else "parameters"
        rest = f"It has:\n{listed}" if valid else "It has none: no cell is tagged 'parameters'."
        raise UnknownParameter(f"{notebook} has no {noun} {named}. {rest}")


def _suggestion(name: str, valid: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(valid), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
