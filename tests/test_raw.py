"""Bad raw data: each fault has its own error, all are reported at once, and nothing is written in part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ffstats import raw, store
from ffstats.errors import (
    ColumnError,
    DuplicateKeyError,
    EncodingError,
    FfstatsError,
    FieldError,
    NulByteError,
    RawDataError,
    RowLengthError,
    UnknownSourceError,
)
from sandbox import Project

TABLE = "soufan2017/readings.csv"


def rewrite(change: Callable[[bytes], bytes]) -> Callable[[Project], None]:
    def fault(project: Project) -> None:
        path = project.raw / TABLE
        path.write_bytes(change(path.read_bytes()))

    return fault


def set_field(row: int, column: str, value: str) -> Callable[[Project], None]:
    def fault(project: Project) -> None:
        project.edit(TABLE, lambda rows: rows[row].__setitem__(column, value))

    return fault


def duplicate_key(project: Project) -> None:
    project.edit(TABLE, lambda rows: rows[5].__setitem__("reading_id", rows[2]["reading_id"]))


def unknown_source(project: Project) -> None:
    (project.raw / "leaflet1999").mkdir()
    (project.raw / "leaflet1999" / "readings.csv").write_text("reading_id\n", encoding="utf-8")


def drop_column(data: bytes) -> bytes:
    return data.replace(b"printed,", b"printing,", 1)


def latin1(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\n")
    return head + b"\n" + rest.replace(b"soufan2017-001", b"soufan2017-\xe9", 1)


def nul(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\n")
    return head + b"\n" + rest.replace(b"soufan2017-001", b"soufan2017\x00-001", 1)


def short_row(data: bytes) -> bytes:
    return data + b"soufan2017-999,Nowhere\n"


def quotation(data: bytes) -> bytes:
    return data + b'soufan2017-999,"Nowhere\n'


FAULTS: dict[str, tuple[Callable[[Project], None], type[FfstatsError], tuple[str, ...]]] = {
    "a missing column": (rewrite(drop_column), ColumnError, (TABLE, "column printed", "Add it")),
    "a wrong encoding": (rewrite(latin1), EncodingError, (TABLE, "line 2", "0xe9", "UTF-8")),
    "a NUL byte": (rewrite(nul), NulByteError, (TABLE, "line 2", "column reading_id", "UTF-8")),
    "a duplicated key": (duplicate_key, DuplicateKeyError, (TABLE, "line 7", "line 4", "its own")),
    "an unknown source": (unknown_source, UnknownSourceError, ("leaflet1999", "sources.csv", "Add a row")),
    "an undecidable thousands mark": (
        lambda p: (set_field(0, "printed", "2.926")(p), set_field(0, "language", "")(p))[0],
        FieldError,
        (TABLE, "line 2", "column printed", "2.926", "2926"),
    ),
    "an unknown term": (
        set_field(0, "status", "vanished"),
        FieldError,
        (TABLE, "line 2", "status", "travelled"),
    ),
    "an unknown origin": (
        set_field(0, "origin", "Atlantis"),
        FieldError,
        (TABLE, "line 2", "origin", "Atlantis"),
    ),
    "a row that is too short": (rewrite(short_row), RowLengthError, (TABLE, "fields", "expected")),
    "an open quotation mark": (rewrite(quotation), RowLengthError, (TABLE, "uotation")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_own_error_with_file_row_column_and_remedy(project: Project, name: str) -> None:
    fault, kind, words = FAULTS[name]
    fault(project)
    with pytest.raises(RawDataError) as caught:
        store.build()
    problems = [p for p in caught.value.problems if type(p) is kind]
    assert problems, caught.value
    assert all(word in str(problems[0]) for word in words), problems[0]
    assert project.processed() == {}


def test_all_faults_of_all_files_are_reported_together(project: Project) -> None:
    set_field(0, "status", "vanished")(project)
    duplicate_key(project)
    project.edit("wapo2018/readings.csv", lambda rows: rows[0].__setitem__("basis", "hearsay"))
    with pytest.raises(RawDataError) as caught:
        store.build()
    assert {type(p) for p in caught.value.problems} == {FieldError, DuplicateKeyError}
    text = str(caught.value)
    assert text.startswith("3 problems") and "wapo2018" in text and "soufan2017" in text


def test_a_correction_that_no_longer_fits_its_row_is_reported(project: Project) -> None:
    project.edit("corrections.csv", lambda rows: rows[0].__setitem__("as_transcribed", "something else"))
    with pytest.raises(RawDataError, match="Bring the correction up to date"):
        store.build()


@pytest.mark.parametrize(("content", "said"), [(None, "no datapackage.json"), ("{", "not JSON")])
def test_a_missing_or_damaged_description_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "datapackage.json").write_text(content, encoding="utf-8")
    with pytest.raises(RawDataError, match=said):
        raw.descriptor(tmp_path)


def test_a_failing_write_leaves_no_file_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(tmp_path, {"a.csv": b"old", "b.csv": b"old"})

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.write(tmp_path, {"a.csv": b"new", "b.csv": b"new"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "b.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"
