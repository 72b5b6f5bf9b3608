"""The bill of materials is that of the locks: every package, with its version, its hashes and its licence."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import Any

import pytest

from sandbox import ROOT

spec = importlib.util.spec_from_file_location("sbom", ROOT / "tools" / "sbom.py")
assert spec is not None and spec.loader is not None
sbom: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sbom)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / sbom.BILL).read_text(encoding="utf-8"))
    return found


def test_the_bill_lists_what_the_locks_pin_and_nothing_else(bill: dict[str, Any]) -> None:
    locked = {}
    for name in sbom.SETS:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        for pin in re.split(r"\n(?=[a-z0-9])", text):
            package, version = re.match(r"([a-z0-9._-]+)==([^\s;\\]+)", pin).groups()  # type: ignore[union-attr]
            locked.setdefault(package, (version, re.findall(r"sha256:(\w+)", pin)))
    listed = {c["name"]: (c["version"], [h["content"] for h in c["hashes"]]) for c in bill["components"]}
    assert listed == locked, "run make sbom"


def test_every_package_has_a_licence_and_the_page_lists_it(bill: dict[str, Any]) -> None:
    page = (ROOT / sbom.LIST).read_text(encoding="utf-8")
    for part in bill["components"]:
        licence = part["licenses"][0]["license"]["name"]
        assert licence and f"| {part['name']} | {part['version']} | {licence} |" in page


def test_the_bill_is_made_again_with_the_same_bytes(bill: dict[str, Any]) -> None:
    parts = sbom.components()
    assert sbom.bill(parts) == (ROOT / sbom.BILL).read_bytes()
    assert sbom.listing(parts) == (ROOT / sbom.LIST).read_bytes()


def test_the_bill_has_the_form_of_cyclonedx(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(set(references)) == len(references)
    assert {ref for each in bill["dependencies"] for ref in each["dependsOn"]} == set(references)
    assert "timestamp" not in json.dumps(bill)
