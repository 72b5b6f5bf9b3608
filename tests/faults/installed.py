"""Hold every installed file to the hash that its wheel recorded."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import distributions


def check() -> None:
    """Print how many files are as recorded; an error names the first that is not."""
    files = 0
    for distribution in distributions():
        for file in distribution.files or ():
            if file.hash is None:
                continue
            data = file.locate().read_bytes()
            found = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, data).digest()).rstrip(b"=").decode()
            assert found == file.hash.value, f"{file} is not as {distribution.name} recorded it"
            files += 1
    assert files > 1000, files
    print(f"{files:,} files as recorded")
