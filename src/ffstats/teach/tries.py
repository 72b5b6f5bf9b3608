"""A student's progress: what was answered, kept in a small file on the student's machine and nowhere else."""

from __future__ import annotations

import hashlib
import json
import os
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ffstats.errors import TeachError
from ffstats.teach import keys
from ffstats.teach.feedback import Feedback

NAME: Final = "progress.json"


def note(key: Path, said: Feedback) -> None:
    """Keep a try, unless nothing was answered; a folder that cannot be written to is no reason to stop a lesson."""
    if said.kind == "not_answered":
        return
    for path in _places(key):
        kept = _read(path)
        before = kept.get(said.question, {"tries": 0, "right": False})
        kept[said.question] = {"tries": before["tries"] + 1, "right": before["right"] or said.right}
        try:
            _write(path, kept)
        except OSError:
            continue
        return


def shown(key: Path) -> str:
    """Return the progress of the folder of a key: a line a question of every lesson begun, a line for each other."""
    try:
        questions = sorted(keys.of_file(key), key=keys.order)
    except TeachError as error:
        return str(error)
    kept = next((found for path in _places(key) if (found := _read(path))), {})
    right = {question for question in questions if kept.get(question, {}).get("right")}
    width = max(map(len, questions), default=0)
    lines = []
    for number, group in groupby(questions, key=lambda question: question.partition(".")[0]):
        lesson = list(group)
        if not set(lesson) & set(kept):
            lines.append(f"lesson {number}: not begun")
            continue
        lines.append(f"lesson {number}: {len(right & set(lesson))} of {len(lesson)} right")
        for question in lesson:
            tries = kept.get(question, {}).get("tries", 0)
            state = "right" if question in right else "not yet right" if tries else "not tried"
            times = f", {tries} {'try' if tries == 1 else 'tries'}" if tries else ""
            lines.append(f"  {question:<{width}}  {state}{times}")
    return "\n".join(lines)


def _places(key: Path) -> list[Path]:
    """Return where progress may be kept: beside the key, else below the user's folder."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = hashlib.sha256(str(key.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return [key.parent / NAME, Path(home) / "ffstats" / f"{name}.json"]


def _read(path: Path) -> dict[str, Any]:
    """Return what is kept; a damaged file is started anew, for it is only a memory of tries."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(question): {"tries": int(entry["tries"]), "right": bool(entry["right"])}
            for question, entry in data.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    text = json.dumps({question: kept[question] for question in sorted(kept, key=keys.order)}, indent=1)
    new.write_text(text + "\n", encoding="utf-8", newline="\n")
    os.replace(new, path)
