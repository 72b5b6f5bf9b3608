"""What the pages that the package writes may do: nothing from outside, and of scripts and styles only our own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def policy(styles: Sequence[str] = (), scripts: Sequence[str] = (), **more: str) -> str:
    """Return the Content-Security-Policy of a page: everything is forbidden but what is named.

    Parameters: styles and scripts, the exact texts of its elements, allowed by their hashes; more, other directives,
    such as img_src="data:".

    >>> policy(img_src="data:")
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
    >>> policy(styles=["p {}"]).split("; ")[1]
    "style-src 'sha256-SNJDlN1Iy2mnt7DOjQIyDb2LQE6O5PQiSZomcdzawQ4='"
    """
    found = ["default-src 'none'"]
    for name, texts in (("script-src", scripts), ("style-src", styles)):
        if texts:
            found.append(" ".join([name, *map(_hash, texts)]))
    found += [f"{name.replace('_', '-')} {value}" for name, value in more.items()]
    return "; ".join([*found, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
