"""The canonical form: nothing that varies stays, everything a reader reads stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from nbformat import NotebookNode, v4

from ffstats.notebooks import canonical


def executed(source: str = "x", *outputs: NotebookNode, **metadata: object) -> NotebookNode:
    cell = v4.new_code_cell(source, outputs=list(outputs), execution_count=1)
    return v4.new_notebook(cells=[cell], metadata=metadata)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return v4.new_output("stream", name=name, text=text)


def html(text: str) -> NotebookNode:
    return v4.new_output("display_data", data={"text/html": text})


def text_of(notebook: NotebookNode, **options: object) -> str:
    output = canonical.canonical(notebook, **options).cells[0].outputs[0]
    return output.get("text") or output.data["text/html"]


def test_times_and_papermill_paths_are_dropped_and_parameters_kept():
    notebook = executed(
        papermill={"start_time": "2026-01-01", "duration": 1.5, "input_path": "/a", "parameters": {"b": 1}}
    )
    notebook.cells[0].metadata.update(
        execution={"iopub.status.busy": "2026"}, papermill={"duration": 1}, tags=[]
    )
    result = canonical.canonical(notebook)
    assert result.metadata.papermill == {"parameters": {"b": 1}}
    assert result.cells[0].metadata == {}


def test_what_a_reader_put_there_stays():
    notebook = executed(title="Rise", authors=[{"name": "A"}])
    notebook.cells[0].metadata.update(tags=["hide-input"], note="kept")
    notebook.cells[0]["id"] = "reading-the-series"
    result = canonical.canonical(notebook)
    assert result.metadata.title == "Rise" and result.metadata.authors == [{"name": "A"}]
    assert result.cells[0].metadata == {"tags": ["hide-input"], "note": "kept"}
    assert result.cells[0].id == "reading-the-series"
    assert result.cells[0].execution_count == 1


def test_drawn_ids_follow_the_source_and_stay_different():
    first = v4.new_notebook(cells=[v4.new_code_cell("1"), v4.new_code_cell("1"), v4.new_markdown_cell("1")])
    second = v4.new_notebook(cells=[v4.new_code_cell("1"), v4.new_code_cell("1"), v4.new_markdown_cell("1")])
    ids = [cell.id for cell in canonical.canonical(first).cells]
    assert ids == [cell.id for cell in canonical.canonical(second).cells]
    assert len(set(ids)) == 3


def test_the_machine_is_taken_out_of_texts():
    root = Path.cwd() / "somewhere"
    text = (
        f"<x at 0x7f00deadbeef> {root}/data.csv in {root}\n"
        "/tmp/ipykernel_4242/1234567.py:1: UserWarning\n"
        "/opt/a/.venv/lib/python3.12/site-packages/pandas/core/frame.py:1\n"
        "/opt/a/project/src/ffstats/tidy.py:2 /usr/lib/python3.11/json/decoder.py:3"
    )
    assert text_of(executed("x", stream(text)), root=root) == (
        "<x at 0x0> data.csv in .\n"
        "<cell>:1: UserWarning\n"
        "site-packages/pandas/core/frame.py:1\n"
        "ffstats/tidy.py:2 python3/json/decoder.py:3"
    )


@pytest.mark.parametrize(
    "name",
    ["altair-viz-0123456789abcdef0123456789abcdef", "T_0a1b2", pytest.param("abcdefghij", id="great-table")],
)
def test_names_that_libraries_draw_are_numbered(name):
    written = f'<div id="{name}" style="padding:0"></div><style>#{name} td {{}} #{name}_row0 {{}}</style>'
    other = written.replace(name, name[:-3] + ("cde" if name[0] == "T" or "viz" in name else "xyz"))
    result = text_of(executed("x", html(written)))
    assert result == text_of(executed("x", html(other)))
    assert name not in result
    assert result.count(result.split('"')[1]) == 3


def test_stream_pieces_are_joined_between_displays():
    pieces = [
        stream("e", "stderr"),
        stream("a"),
        stream("f", "stderr"),
        stream("b"),
        html("<b>"),
        stream("c"),
    ]
    outputs = canonical.canonical(executed("x", *pieces)).cells[0].outputs
    assert [output.get("text", "<b>") for output in outputs] == ["ab", "ef", "<b>", "c"]


def test_vega_lite_stays_readable_data():
    chart = {"data": {"values": [{"at": "object at 0x7f00deadbeef"}]}, "$schema": "s"}
    output = v4.new_output("display_data", data={"application/vnd.vegalite.v6+json": chart})
    assert canonical.canonical(executed("x", output)).cells[0].outputs[0].data == {
        "application/vnd.vegalite.v6+json": chart
    }


def test_twice_is_once():
    notebook = executed(
        "x",
        stream("<x at 0x7f00deadbeef>"),
        html('<div id="abcdefghij" style="padding:0"><i id="T_fffff"><p id="T_00000">'),
        title="t",
        papermill={"parameters": {"a": Path("b")}},
    )
    once = canonical.dumps(notebook)
    assert canonical.dumps(v4.reads(once)) == once
    assert once.endswith("}\n") and json.loads(once)["nbformat_minor"] == 5


def test_an_embedded_image_costs_no_more_than_its_length():
    data = (
        "<img src='data:image/png;base64," + "aB3/" * 500_000 + "'> ipykernel_ site-packages ffstats python3."
    )
    started = time.perf_counter()
    text_of(executed("x", html(data)))
    assert time.perf_counter() - started < 2


def test_writing_replaces_the_whole_file_or_nothing(tmp_path, monkeypatch):
    target = tmp_path / "deep" / "a.ipynb"
    canonical.write(executed("old"), target)
    before = target.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk is full"):
        canonical.write(executed("new"), target)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["a.ipynb"]
