"""The process that runs one submission: it encloses itself, runs the cells and hands in the answers as they come.

It knows no key and says nothing of right or wrong. Whatever it hands in may have been forged by the submission; that
is an answer like any other. Each line that it writes is one JSON object.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import re
import sys
import warnings
from pathlib import Path
from typing import Any, BinaryIO, Final

from ffstats.teach import contain, handing

ANSWER: Final = re.compile(r"answer_(\d{1,3})_(\d{1,3})")
LARGEST_NOTEBOOK: Final = 20 * contain.MIB
LONGEST_LINE: Final = contain.MIB
_WORDS_OF_ERROR: Final = 300
_LIBRARIES = (
    "pandas",
    "pandas.io.formats.html",
    "altair",
    "ffstats.quote",
    "ffstats.reconcile",
    "ffstats.catalogue",
)
_TABLES = ("readings", "estimates", "series", "population", "claims", "evidence", "events")


def prepare() -> Any:
    """Import what lessons use, read the tables, and return the shell in which cells run; nothing here is secret."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import ffstats

    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell.instance(config=config)
    with warnings.catch_warnings(), shell.builtin_trap:
        warnings.simplefilter("ignore")
        for name in _LIBRARIES:
            importlib.import_module(name)
        for table in _TABLES:
            getattr(ffstats, table)()
    gc.collect()
    gc.freeze()
    return shell


def sit(shell: Any, notebook: bytes, folder: Path, seconds: int, memory_mib: int, out: BinaryIO) -> None:
    """Run a submission in `folder` and write what it hands in; then this process is of no further use.

    Lines: kept (of contain.GUARANTEES, name → reason why not) first, then unreadable, or cells, cell, answer, error
    as they come, and end.
    """
    os.chdir(folder)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    kept = contain.enclose(folder, seconds, memory_mib)
    say(out, {"kept": dict(kept.reasons)})
    try:
        cells = read(notebook)
    except ValueError as error:
        say(out, {"unreadable": str(error)})
        return
    say(out, {"cells": len(cells)})
    # Tracebacks go nowhere, and their making takes long in a deep recursion.
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    # What is shown goes nowhere either: drawing a chart for it would take a second each.
    shell.display_formatter.format = lambda *_, **__: ({}, {})
    shell._tee = lambda channel: contextlib.nullcontext()  # it would keep all that is printed
    handed: dict[str, str] = {}
    for number, source in enumerate(cells, start=1):
        say(out, {"cell": number})
        result = shell.run_cell(source, store_history=False)
        raised = result.error_before_exec or result.error_in_exec
        if raised is not None:
            say(out, {"error": {"cell": number, "text": _words(raised)}})
        _hand_in(shell.user_ns, handed, out)
    say(out, {"end": True})


def read(notebook: bytes) -> list[str]:
    """Return the sources of the code cells of a notebook, in order.

    Raises: ValueError, in the teacher's words, for what is not a notebook.

    >>> read(b'{"cells": [{"cell_type": "code", "source": ["a = 1\\\\n", "a"]}]}')
    ['a = 1\\na']
    """
    try:
        data = json.loads(notebook)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not a notebook, or was cut off ({str(error)[:100]})") from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it is JSON, but not a notebook of format 4")
    code = [each for each in cells if isinstance(each, dict) and each.get("cell_type") == "code"]
    sources = [each.get("source", "") for each in code]
    return ["".join(map(str, each)) if isinstance(each, list) else str(each) for each in sources]


def _hand_in(names: dict[str, Any], handed: dict[str, str], out: BinaryIO) -> None:
    """Write the answers that are new, or other than before."""
    for name in [each for each in list(names) if type(each) is str and ANSWER.fullmatch(each)]:
        try:
            given = handing.hand_in(names[name])
            if handed.get(name) != (text := json.dumps(given)):
                handed[name] = text
                question = name.removeprefix("answer_").replace("_", ".")
                say(out, {"answer": question, "value": given})
        except Exception as error:  # an answer may be an object that fails when it is looked at
            say(out, {"error": {"cell": 0, "text": f"{name} cannot be read: {_words(error)}"}})


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:_WORDS_OF_ERROR].encode("utf-8", "replace").decode("utf-8")
    except Exception:  # the error is of the submission's own making
        return "an error that cannot be shown"


def say(out: BinaryIO, line: dict[str, Any]) -> None:
    """Write one line, or, if it is too long to be taken, that it is."""
    text = json.dumps(line).encode()
    if len(text) > LONGEST_LINE:
        text = json.dumps({"error": {"cell": 0, "text": "an answer is too long to be handed in"}}).encode()
    out.write(text + b"\n")
    out.flush()


def main() -> None:
    """Run the submission that arrives on standard input, without a warm parent: folder, seconds, memory as arguments."""
    folder, seconds, memory = sys.argv[1:4]
    notebook = sys.stdin.buffer.read(LARGEST_NOTEBOOK)
    out = os.fdopen(os.dup(1), "wb")
    hush()
    shell = prepare()
    # Libraries have started threads; a fork has one, and only a process of one thread can be enclosed.
    child = os.fork() if sys.platform == "linux" else 0
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os._exit(code if code >= 0 else 128 - code)
    sit(shell, notebook, Path(folder), int(seconds), int(memory), out)
    os._exit(0)


def hush() -> None:
    """Let standard input be empty and whatever is printed go nowhere, on every level."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


if __name__ == "__main__":
    main()
