"""The replay report: of every number, table and figure, the same or by how much not."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ffstats import replay
from ffstats.errors import ReplayError
from ffstats.replay import Replay, compare

TABLE = b"country,travelled,returned\nFrance,1910,271\nGermany,915,300\n"


def number(low: float | None, high: float | None = None, **fields: Any) -> dict[str, Any]:
    high = low if high is None else high
    estimate = {"low": low, "high": high, "best": None, "bound": "range", "unit": "persons", **fields}
    return {"id": "a.number", "estimate": estimate, "text": f"{low:,}–{high:,}", "tolerance": 0.0}


def results(*numbers: dict[str, Any], **files: bytes) -> dict[str, bytes]:
    """Return a set of results: numbers, one table and one figure, and what is put in their place."""
    made = {
        "numbers.json": json.dumps(numbers or [number(100, 200)]).encode(),
        "tables/t.csv": TABLE,
        "tables/t.html": b"<table>",
        "tables/t.tex": b"tabular",
        "figures/f.json": b'{"mark": "bar"}',
        "figures/f.csv": TABLE,
        "figures/f.svg": b"<svg/>",
        "figures/f.png": picture(),
    }
    return made | {name.replace("__", "/").replace("_", "."): data for name, data in files.items()}


def picture(size: tuple[int, int] = (10, 8), spot: int = 0, level: int = 6) -> bytes:
    image = Image.new("RGB", size, (255, 255, 255))
    for x in range(spot):
        image.putpixel((x, 0), (255 - 10 * (x + 1), 255, 255))
    made = io.BytesIO()
    image.save(made, "PNG", compress_level=level)
    return made.getvalue()


def only(was: dict[str, bytes], now: dict[str, bytes]) -> replay.Item:
    """Return the one item that is not the same."""
    (item,) = (item for item in compare(was, now).items if item.verdict != "same")
    return item


def test_the_same_results_are_the_same():
    report = compare(results(), results(), "HEAD")
    assert report.same
    assert report.counts() == {"figure": {"same": 1}, "number": {"same": 1}, "table": {"same": 1}}
    assert str(report) == "against HEAD: figures: 1 same; numbers: 1 same; tables: 1 same"


def test_the_table_counts_each_kind_by_verdict():
    report = compare(results(), results(number(100, 250), tables__t_csv=TABLE[:-1]), "HEAD")
    assert report.table().splitlines() == [
        "against HEAD  same  differs",
        "figures          1        0",
        "numbers          0        1",
        "tables           0        1",
    ]
    assert compare(results(), results(), "HEAD").table().splitlines()[0] == "against HEAD  same"


def test_a_number_differs_by_how_much():
    item = only(results(), results(number(100, 250)))
    assert (item.kind, item.id, item.verdict) == ("number", "a.number", "differs")
    assert item.detail == "100–200 → 100–250 (by 50, 25.0%)"


def test_a_number_within_its_stated_tolerance_is_no_difference():
    was = number(100, 200) | {"tolerance": 5.0}
    report = compare(results(was), results(number(104, 205)))
    assert report.same and report.counts()["number"] == {"within tolerance": 1}
    assert not compare(results(was), results(number(104, 205.1))).same


@pytest.mark.parametrize(
    "now",
    [
        number(100, 200, bound="approx"),
        number(100, 200, unit="percent"),
        number(100, 200) | {"estimate": {**number(100, 200)["estimate"], "high": None}},
    ],
    ids=["bound", "unit", "an end that opened"],
)
def test_another_bound_or_unit_or_open_end_is_a_difference_at_any_tolerance(now: dict[str, Any]):
    assert only(results(number(100, 200) | {"tolerance": 1e9}), results(now)).verdict == "differs"


def test_what_only_one_side_has_is_not_produced_or_new():
    other = number(1, 2) | {"id": "another.number"}
    gone = only(results(number(100, 200), other), results(number(100, 200)))
    assert (gone.id, gone.verdict) == ("another.number", "not produced")
    new = only(results(number(100, 200)), results(number(100, 200), other))
    assert (new.id, new.verdict) == ("another.number", "new")
    without = {name: data for name, data in results().items() if not name.startswith(("tables/", "figures/"))}
    assert {(i.kind, i.verdict) for i in compare(results(), without).items if i.verdict != "same"} == {
        ("figure", "not produced"),
        ("table", "not produced"),
    }
    assert not compare(results(), without).same


def test_a_table_differs_cell_by_cell():
    changed = TABLE.replace(b"271", b"302").replace(b"Germany", b"Deutschland")
    item = only(results(), results(tables__t_csv=changed))
    assert item.detail == "2 of 6 cells; largest at returned, row 1: 271 → 302"


@pytest.mark.parametrize(
    ("now", "detail"),
    [
        (TABLE + b"Spain,204,30\n", "2 rows → 3 rows"),
        (TABLE.replace(b"returned", b"killed"), "other columns: without returned; with killed"),
        (
            b"country,returned,travelled\nFrance,271,1910\nGermany,300,915\n",
            "other columns: in another order",
        ),
        (TABLE.replace(b"\n", b"\r\n"), "same cells, written otherwise"),
        (TABLE.replace(b"271", b""), "1 of 6 cells; largest at returned, row 1: 271 → empty"),
    ],
)
def test_a_table_says_what_else_differs(now: bytes, detail: str):
    assert only(results(), results(tables__t_csv=now)).detail == detail


def test_a_table_with_the_same_cells_in_another_dress_differs():
    item = only(results(), results(tables__t_html=b"<table class>"))
    assert (item.verdict, item.detail) == ("differs", "same cells, another html file")


def test_a_figure_differs_by_its_data_or_its_specification():
    plotted = only(results(), results(figures__f_csv=TABLE.replace(b"915", b"900")))
    assert plotted.detail == "plotted data: 1 of 6 cells; largest at travelled, row 2: 915 → 900"
    drawn = only(results(), results(figures__f_json=b'{"mark": "line"}'))
    assert drawn.detail == "specification: changed"
    assert compare(results(), results(figures__f_json=b'{ "mark":"bar" }')).same


def test_the_pictures_of_one_specification_are_compared_by_pixels():
    assert picture(level=0) != picture()
    assert compare(results(), results(figures__f_png=picture(level=0))).same
    item = only(results(), results(figures__f_png=picture(spot=3)))
    assert item.detail == "picture: 3 of 80 pixels, by 30 of 255 at most"
    other = only(results(), results(figures__f_png=picture((12, 8))))
    assert other.detail == "picture: 10×8 → 12×8 pixels"
    missing = {name: data for name, data in results().items() if name != "figures/f.png"}
    assert only(results(), missing).detail == "picture: only on one side"


def test_the_worst_comes_first():
    tolerant = number(100, 200) | {"tolerance": 500.0}
    report = compare(
        results(tolerant, number(1, 2) | {"id": "gone"}),
        results(number(100, 250), number(1, 2) | {"id": "new"}, tables__t_csv=TABLE.replace(b"271", b"1")),
    )
    assert [item.verdict for item in report.items] == [
        "differs", "not produced", "new", "within tolerance", "same",
    ]  # fmt: skip
    assert report.as_dict()["items"][0] == {
        "kind": "table", "id": "t", "verdict": "differs",
        "detail": "1 of 6 cells; largest at returned, row 1: 271 → 1",
    }  # fmt: skip


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A Reader", "-c", "user.email=reader@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.mark.parametrize("below", ["", "a folder/è"], ids=["at the root", "below it"])
def test_results_are_compared_with_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str):
    project = tmp_path / below
    write(project / "results", results())
    (project / "data" / "raw").mkdir(parents=True)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "The reference")
    monkeypatch.setenv("FFSTATS_ROOT", str(project))
    assert replay.replay().same
    write(project / "results", results(number(100, 201)))
    report = replay.replay("HEAD")
    assert [item.id for item in report.items if item.verdict == "differs"] == ["a.number"]
    with pytest.raises(ReplayError, match=r"no commit .*Name a commit or a folder"):
        replay.replay("no-such-commit")


def test_a_commit_without_results_is_no_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"README.md": b"Nothing yet.", "data/raw/sources.csv": b""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "No results")
    monkeypatch.setenv("FFSTATS_ROOT", str(tmp_path))
    write(tmp_path / "results", results())
    with pytest.raises(ReplayError, match="The commit HEAD holds no results to compare with"):
        replay.replay()


def test_a_folder_is_a_reference_too_and_an_absent_one_is_named(tmp_path: Path):
    reference, now = write(tmp_path / "reference", results()), write(tmp_path / "now", results())
    assert isinstance(replay.replay(str(reference), now), Replay)
    with pytest.raises(ReplayError, match=r"absent: no results there\. Run `ffstats reproduce` first"):
        replay.replay(str(reference), tmp_path / "absent")
