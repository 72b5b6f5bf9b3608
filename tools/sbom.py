"""Write the bill of materials (CycloneDX) and the list of licences of what ffstats installs, out of the locks.

Called by `make sbom`, in an environment with all the sets below, where the licences are read from what is installed;
of what another platform needs instead they stay as they were written there. Same locks, same bytes: no date, and an
identifier made from the content.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SETS = {"lean": "required", "annotate": "optional", "publish": "optional", "cluster": "optional"}
"""What a user may install, and its scope in the bill; the rest is for those who work on ffstats."""
BILL, LIST = Path("requirements/sbom.cdx.json"), Path("docs/licences.md")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\]+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)
#: Licences that packages name in other words than those of SPDX.
SPDX = {
    "MIT License": "MIT", "BSD License": "BSD", "3-Clause BSD License": "BSD-3-Clause", "BSD 3-Clause License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "ISC License (ISCL)": "ISC",
}  # fmt: skip


def pins(name: str) -> list[dict[str, Any]]:
    """Return the packages that one lock file pins: name, version, marker, hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return [
        {"name": pin[1], "version": pin[2], "marker": pin[3] or "", "hashes": re.findall(r"sha256:([0-9a-f]{64})", pin[4])}
        for pin in _PIN.finditer(text)
    ]


def licence(name: str, version: str) -> str:
    """Return the licence that an installed package names, an empty text if it is not there in that version."""
    try:
        found: Distribution = distribution(name)
    except PackageNotFoundError:
        return ""
    if found.version != version:
        return ""
    told = found.metadata
    expression = told.get("License-Expression") or ""
    classified = [line.rsplit(" :: ", 1)[1] for line in told.get_all("Classifier") or () if line.startswith("License :: ")]
    words = (told.get("License") or "").strip().splitlines()
    plain = words[0].strip() if words and len(words[0]) < 60 else ""
    named = expression or " AND ".join(sorted({SPDX.get(text, text) for text in classified if text != "OSI Approved"})) or plain
    if named == "BSD" and re.search(r"bsd.3|3.clause", plain, re.I):
        named = "BSD-3-Clause"
    return SPDX.get(named, named) or "see the package"


def known() -> dict[str, str]:
    """Return the licences of the bill as it stands, by name and version."""
    path = ROOT / BILL
    components = json.loads(path.read_text(encoding="utf-8"))["components"] if path.is_file() else []
    return {f"{c['name']}=={c['version']}": c["licenses"][0]["license"]["name"] for c in components if c.get("licenses")}


def components() -> list[dict[str, Any]]:
    """Return every package once, by name, with its scope, hashes and licence."""
    before = known()
    found: dict[str, dict[str, Any]] = {}
    for name, scope in SETS.items():
        for pin in pins(name):
            told = licence(pin["name"], pin["version"]) or before.get(f"{pin['name']}=={pin['version']}", "")
            properties = [{"name": "ffstats:set", "value": name}]
            if pin["marker"]:
                properties.append({"name": "ffstats:only", "value": pin["marker"]})
            reference = f"pkg:pypi/{pin['name']}@{pin['version']}"
            found.setdefault(
                pin["name"],
                {
                    "type": "library", "bom-ref": reference, "name": pin["name"], "version": pin["version"], "scope": scope,
                    "hashes": [{"alg": "SHA-256", "content": each} for each in pin["hashes"]],
                    **({"licenses": [{"license": {"name": told}}]} if told else {}),
                    "purl": reference, "properties": properties,
                },
            )  # fmt: skip
    return [found[name] for name in sorted(found)]


def bill(parts: list[dict[str, Any]]) -> bytes:
    """Return the bill of materials as CycloneDX 1.6."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = f"pkg:pypi/ffstats@{project['version']}"
    main = {"type": "application", "bom-ref": own, "name": "ffstats", "version": project["version"], "description": project["description"],
            "licenses": [{"license": {"id": project["license"]}}], "purl": own}  # fmt: skip
    depends = [{"ref": own, "dependsOn": [part["bom-ref"] for part in parts]}]
    content = {"metadata": {"component": main}, "components": parts, "dependencies": depends}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    whole = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1, **content}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def listing(parts: list[dict[str, Any]]) -> bytes:
    """Return the licences as a page of the documentation."""
    rows = [
        f"| {part['name']} | {part['version']} | {part['licenses'][0]['license']['name'] if part.get('licenses') else 'see the package'} | {part['properties'][0]['value']} |"
        for part in parts
    ]
    head = [
        "# Licences of what ffstats installs", "",
        "Written by `make sbom` from the locks and from what the packages themselves name; ffstats is under the MIT licence.",
        f"The same list for machines, with the hashes of every file: `{BILL.as_posix()}` (CycloneDX 1.6).", "",
        "| package | version | licence | set |", "|---|---|---|---|",
    ]  # fmt: skip
    return ("\n".join([*head, *rows]) + "\n").encode("utf-8")


def main() -> None:
    """Write both files; say what is missing."""
    parts = components()
    for path, content in ((BILL, bill(parts)), (LIST, listing(parts))):
        (ROOT / path).write_bytes(content)
    without = [part["name"] for part in parts if not part.get("licenses")]
    print(f"{BILL}: {len(parts)} packages; {LIST}: {len(parts) - len(without)} licences")
    if without:
        print(f"not installed here, licence not known: {', '.join(without)}", file=sys.stderr)


if __name__ == "__main__":
    main()
