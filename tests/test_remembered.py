"""What was parsed is parsed again only where its text has changed, and never trusted when its file is damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ffstats import fingerprint
from ffstats.remembered import Memory


def test_findings_survive_the_process_and_fall_with_their_content_or_basis(tmp_path: Path) -> None:
    path = tmp_path / "code.json"
    first = Memory(path, "basis")
    assert first.find("module a", "hash", lambda: ["x"]) == ["x"]
    first.save()
    assert Memory(path, "basis").find("module a", "hash", lambda: pytest.fail("parsed again")) == ["x"]
    assert Memory(path, "basis").find("module a", "other", lambda: ["y"]) == ["y"]
    assert Memory(path, "another").find("module a", "hash", lambda: ["z"]) == ["z"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"basis": "basis"}', '{"basis": "basis", "findings": [1]}', "\0"]
)
def test_a_damaged_file_costs_a_parse_and_nothing_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "code.json"
    path.write_text(text, encoding="utf-8")
    memory = Memory(path, "basis")
    assert memory.find("module a", "hash", lambda: ["x"]) == ["x"]
    memory.save()
    assert json.loads(path.read_text(encoding="utf-8"))["findings"] == {"module a": ["hash", ["x"]]}


def test_no_folder_is_made_for_it(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state" / "code.json", "basis")
    memory.find("module a", "hash", lambda: ["x"])
    memory.save()
    assert not (tmp_path / "state").exists()


def test_a_file_written_twice_in_one_moment_never_keeps_its_first_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ("one", "two", "one", "six"):
        path.write_text(text, encoding="utf-8")
        assert fingerprint.of_file(path) == fingerprint.digest(text.encode())


def test_a_change_of_a_file_at_rest_is_noticed_though_its_size_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one", encoding="utf-8")
    long_ago = path.stat().st_mtime - 1000
    os.utime(path, (long_ago, long_ago))
    assert fingerprint.of_file(path) == fingerprint.digest(b"one")
    path.write_text("two", encoding="utf-8")
    os.utime(path, (long_ago, long_ago))
    assert fingerprint.of_file(path) == fingerprint.digest(b"two")
