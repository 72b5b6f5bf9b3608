"""What several tests share: a small project of raw data of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ffstats import paths, tidy
from sandbox import ROOT, Project

# A loaded machine is slow, not wrong.
# The same examples for the same tests, so that a commit passes or fails for everybody; new ones are tried by `make fuzz`.
settings.register_profile("unhurried", settings.default, deadline=None, derandomize=True)
settings.load_profile("unhurried")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Work on a copy of the raw data; what is read elsewhere is not touched."""
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    monkeypatch.setenv("FFSTATS_ROOT", str(tmp_path))
    tidy.clear()
    assert paths.project_root() == tmp_path
    yield Project(tmp_path)
    tidy.clear()
