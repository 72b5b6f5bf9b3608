"""Write CITATION.cff's version and date, codemeta.json and .zenodo.json: python tools/metadata.py

One place holds each fact: the version, the licence and the Pythons stand in pyproject.toml, title, abstract and keywords in
CITATION.cff, the day of the release in CHANGELOG.md. A test holds the three files to what this writes.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def field(text: str, name: str) -> str:
    """Return a line of a CITATION.cff, without its quotes."""
    found = re.search(rf'(?m)^{name}: "?(.*?)"?$', text)
    if found is None:
        raise SystemExit(f"CITATION.cff: {name} is missing")
    return found[1]


def files(root: Path = ROOT) -> dict[str, str]:
    """Return the text of each file, by name."""
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = (root / "CITATION.cff").read_text(encoding="utf-8")
    keywords = re.findall(r"(?m)^  - ([A-Za-z].*)$", cited.partition("keywords:")[2])
    version, title, abstract = project["version"], field(cited, "title"), field(cited, "abstract")
    authors = [author["name"] for author in project["authors"]]
    pythons = [c.rsplit(" ", 1)[1] for c in project["classifiers"] if re.search(r"Python :: 3\.\d+$", c)]
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(rf"(?m)^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$", changes)
    if released is None:
        raise SystemExit(f"CHANGELOG.md: a heading of version {version} with its day is missing")
    codemeta = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "description": abstract,
        "version": version,
        "datePublished": released[1],
        "license": f"https://spdx.org/licenses/{project['license']}",
        "author": [{"@type": "Organization", "name": name} for name in authors],
        "keywords": keywords,
        "programmingLanguage": [{"@type": "ComputerLanguage", "name": "Python", "version": p} for p in pythons],
        "softwareRequirements": sorted(project["dependencies"]),
        "runtimePlatform": "Jupyter",
        "developmentStatus": "active",
    }
    zenodo = {
        "title": title,
        "description": abstract,
        "version": version,
        "publication_date": released[1],
        "upload_type": "software",
        "access_right": "open",
        "license": project["license"],
        "creators": [{"name": name} for name in authors],
        "keywords": keywords,
        "notes": "The licence is that of the code. Data: see the README of each folder in data/raw.",
    }
    cited = re.sub(r"(?m)^version: .*$", f'version: "{version}"', cited)
    return {
        "CITATION.cff": re.sub(r"(?m)^date-released: .*$", f'date-released: "{released[1]}"', cited),
        "codemeta.json": json.dumps(codemeta, ensure_ascii=False, indent=2) + "\n",
        ".zenodo.json": json.dumps(zenodo, ensure_ascii=False, indent=2) + "\n",
    }


if __name__ == "__main__":
    for name, text in files().items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
