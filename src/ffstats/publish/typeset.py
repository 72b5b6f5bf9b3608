"""Data into documents: Typst for PDF, Jinja2 for HTML; every text arrives as text, never as markup."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ffstats.errors import ExtraMissing, PaperError
from ffstats.policy import policy


def folder() -> Path:
    """Return the folder of the templates."""
    return Path(__file__).with_name("templates")


def available() -> None:
    """See to it that Typst is installed.

    Raises: ExtraMissing, which says how to install it.
    """
    try:
        import typst  # noqa: F401
    except ImportError as error:
        raise ExtraMissing("PDF needs Typst", "publish") from error


def version() -> str:
    """Return the version of the package."""
    return importlib.metadata.version("ffstats")


def pdf(
    template: str,
    data: Mapping[str, Any],
    created: int,
    files: Mapping[str, bytes] | None = None,
    standard: Literal["a-2a", "ua-1"] = "a-2a",
) -> bytes:
    """Return a PDF made by a Typst template from data; the same bytes for the same input, on any machine.

    Parameters: template, its name; data, which it reads as data.json; created, the time of the document in seconds
    since 1970; files, others that it may read (pictures), name → bytes; standard, the PDF standard that Typst holds the
    document to (a-2a: archival and accessible; ua-1: accessible). Only fonts that Typst carries and those in
    assets/fonts are used. Nothing outside the files given can be read.
    Raises: PaperError with Typst's message; ExtraMissing, where Typst is not installed.
    """
    available()
    import typst

    with tempfile.TemporaryDirectory(prefix="ffstats-typst-") as scratch:
        root = Path(scratch)
        shutil.copytree(
            folder(),
            root,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("*.html", "*.css", "*.js", "*.jinja*"),
        )
        for name, content in (files or {}).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        try:
            made = typst.compile(
                root / template, root=root, font_paths=[Path(__file__).with_name("assets") / "fonts"], ignore_system_fonts=True,
                timestamp=created, pdf_standards=standard,
            )  # fmt: skip
        except typst.TypstError as error:
            raise PaperError(
                f"{template}: {getattr(error, 'diagnostic', '') or error}".replace(str(root), ".")
            ) from error
    assert isinstance(made, bytes)
    return made


def html(template: str, data: Mapping[str, Any]) -> bytes:
    """Return a page made by a Jinja2 template; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(folder())
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["policy"] = policy
    return (environment.get_template(template).render(**data).rstrip() + "\n").encode("utf-8")
