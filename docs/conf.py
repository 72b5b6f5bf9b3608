"""The documentation: `make docs` writes build/docs, which needs no network to be read.

Pages are Markdown; the reference comes from docstrings, the commands from their own help, the notebooks as they are
stored, with their outputs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import reference  # noqa: E402

project = "ffstats"
copyright = "the ffstats contributors"
release = reference.version()
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
templates_path: list[str] = []
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = f"ffstats {release}"
html_copy_source = False
html_last_updated_fmt = None
default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_mime_priority_overrides = [
    ("html", "application/vnd.vegalite.v5+json", None),
    ("html", "image/svg+xml", 0),
    ("html", "text/markdown", 10),
]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header"]


def setup(app: Sphinx) -> None:
    """Write the pages that are made from the package, before anything is read."""
    here = Path(__file__).resolve().parent
    reference.write(here / "reference")
    made = here / "notebooks"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(path, made / path.name)
