"""Files that are written whole or not at all, and names as they stand in the names of files and in ids."""

from __future__ import annotations

import os
import re
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a file that already holds the content is left as it is."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        waiting.write_bytes(content)
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def slug(text: str) -> str:
    """Return a name as it stands in a file name or an id: lower case, words joined by hyphens.

    >>> slug("Ministry of the Interior")
    'ministry-of-the-interior'
    """
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")
