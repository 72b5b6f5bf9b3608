"""Parity: an ordinary kernel for each notebook gives the very bytes that the warm engine gives."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import project_copy
from notebook_making import make

NOTEBOOKS = ("07_territory", "10_sensitivity")
TELLS = "print('kernel' if 'ipykernel' in open('/proc/self/cmdline').read() else 'child')"


@pytest.mark.skipif(sys.platform != "linux", reason="the warm engine forks, on Linux only")
def test_plain_and_warm_give_the_same_bytes(tmp_path: Path):
    """A notebook that tells its engine shows that both were at work; all else is the same."""
    project = project_copy.make(tmp_path / "project", NOTEBOOKS)
    make(project.root / "notebooks" / "tells.ipynb", TELLS)
    names = {"clean", *NOTEBOOKS, "tells"}
    assert project.reproduce("--engine", "warm") == names
    warm = project.results()
    assert project.reproduce("--engine", "plain", "--force") == names
    plain = project.results()
    assert b"child" in warm.pop("notebooks/tells.ipynb") and b"kernel" in plain.pop("notebooks/tells.ipynb")
    assert sorted(plain) == sorted(warm) and len(warm) > 20
    assert [name for name in warm if warm[name] != plain[name]] == []
