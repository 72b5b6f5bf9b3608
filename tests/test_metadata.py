"""The files by which archives and catalogues know the project say what pyproject.toml says."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib

from sandbox import ROOT


def test_every_metadata_file_is_what_the_project_file_gives() -> None:
    spec = importlib.util.spec_from_file_location("metadata", ROOT / "tools" / "metadata.py")
    assert spec and spec.loader
    metadata = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(metadata)
    for name, text in metadata.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, f"{name}: run python tools/metadata.py"


def test_the_changelog_has_the_version_and_the_numbers_that_moved() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    release = re.search(rf"(?ms)^## \[{re.escape(version)}\].*?(?=^## \[|\Z)", text)
    assert release, f"CHANGELOG.md has no section for {version}"
    assert "moved" in release[0]


def test_the_licence_is_one_everywhere() -> None:
    named = {
        json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))["license"],
        json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))["license"].rsplit("/", 1)[1],
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"],
    }
    assert len(named) == 1 and named <= set(re.findall(r"\w+", (ROOT / "LICENSE").read_text(encoding="utf-8")))
