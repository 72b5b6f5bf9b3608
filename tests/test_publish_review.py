"""The certificate: a clean copy, its own code, nothing invented, everything escaped, valid by the formats' rules."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from ffstats import ledger, replay
from ffstats.errors import ReplayError, ReviewError
from ffstats.publish import blind, certificate, certificate_facts, certificate_run, codecheck, crate, typeset
from ffstats.publish.certificate import People

pytest.importorskip("typst")
pytest.importorskip("rocrate")

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = '"); #panic("x") <script>alert(1)</script> &amp; $x$ \\ `a` {{ 7*7 }} @cite *bold* _it_ = head\n- list // c'
PEOPLE = People(
    "Josiah Carberry 0000-0002-1825-0097", ("A. Author 0000-0001-5109-3700",), "2026-001",
    "https://doi.org/10.5281/zenodo.1234567", "https://example.org/ffstats",
)  # fmt: skip
ONE = ("reproduce", "--force", "--only", "08_strategic_implications")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory) -> certificate.Review:
    """One notebook rerun in a clean copy of the tree; the whole takes a minute and is the same code."""
    folder = tmp_path_factory.mktemp("review") / "certificate"
    return certificate.review(folder, PEOPLE, whole_tree=True, command=ONE)


def test_the_folder_holds_the_certificate_and_what_it_rests_on(reviewed):
    found = {
        path.relative_to(reviewed.folder).as_posix() for path in reviewed.folder.rglob("*") if path.is_file()
    }
    assert {"certificate.html", "certificate.pdf", "codecheck.yml", "ro-crate-metadata.json", "codecheck/replay.json",
            "codecheck/run.log", "codecheck/ledger.json", "codecheck/conflicts.json", "codecheck/numbers_in_text.csv",
            "codecheck/numbers_in_text.html", "codecheck/outputs.sha256", "outputs/figures/one_in_nine.svg"} <= found  # fmt: skip
    assert (reviewed.folder / "certificate.pdf").read_bytes().startswith(b"%PDF-")


def test_what_the_command_says_names_the_folder_and_what_only_people_can_add(reviewed):
    first, replayed, valid = str(replace(reviewed, lacking=())).splitlines()
    assert "certificate in " in first and replayed.startswith("replay ") and "codecheck.yml is valid" in valid
    lacking = codecheck.Finding("CC-CFG-001", "error", "no codechecker")
    assert str(replace(reviewed, lacking=(lacking,))).endswith("  CC-CFG-001 (error): no codechecker")


def test_every_output_is_listed_with_its_digest(reviewed):
    for line in (reviewed.folder / "codecheck/outputs.sha256").read_text().splitlines():
        digest, name = line.split("  ")
        path = reviewed.folder / name
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    listed = (reviewed.folder / "codecheck/outputs.sha256").read_text()
    kept = [
        p.relative_to(reviewed.folder).as_posix()
        for p in (reviewed.folder / "outputs").rglob("*")
        if p.is_file()
    ]
    assert kept and all(f"  {name}\n" in listed for name in kept)


def test_the_copy_runs_its_own_code_and_names_no_place_of_this_machine(reviewed):
    assert not reviewed.run.folder.exists()
    log = (reviewed.folder / "codecheck/run.log").read_text(encoding="utf-8")
    assert "[1/1] 08_strategic_implications" in log
    for name in (
        "codecheck/run.log",
        "certificate.html",
        "codecheck.yml",
        "ro-crate-metadata.json",
        "codecheck/replay.json",
    ):
        text = (reviewed.folder / name).read_text(encoding="utf-8")
        assert str(ROOT) not in text and str(reviewed.run.folder) not in text


def test_the_table_of_in_text_numbers_has_every_number_once_by_page(reviewed):
    text = (reviewed.folder / "codecheck/numbers_in_text.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    verdicts = {v.claim_id: v for v in ledger.check()}
    assert sorted(r["claim_id"] for r in rows) == sorted(verdicts)
    assert all(r["verdict"] == verdicts[r["claim_id"]].verdict and r["reason"] for r in rows)
    pages = [int(r["page"]) for r in rows if r["text"] == "article" and r["page"]]
    assert pages == sorted(pages) and len(pages) > 50
    assert any(r["note"] for r in rows)
    page = (reviewed.folder / "codecheck/numbers_in_text.html").read_text(encoding="utf-8")
    assert [c for c in verdicts if f"<td>{c}</td>" not in page] == []


def test_a_number_names_the_notebook_exhibit_and_derived_number_that_use_it(reviewed):
    rows = {r["claim_id"]: r for r in reviewed.run.facts["numbers_in_text"]}
    used = [r for r in rows.values() if "one_in_nine" in r["exhibits"].split()]
    assert used and all("08_strategic_implications" in r["notebooks"].split() for r in used)


def test_claims_are_followed_through_the_code_of_a_notebook(tmp_path):
    cells = [
        "%matplotlib inline",
        'a, b = claim("c001"), claim("c002")\nc = 3',
        'd = record("x.sum", a + 1, "", [])\nrecord("x.none", c, "", [])',
        'record("x.both", d / b, "", [])\nrecord("x.direct", quote.claim("c009"), "", [])',
    ]
    book = {"cells": [{"cell_type": "code", "source": cell.splitlines(True)} for cell in cells]}
    (tmp_path / "n.ipynb").write_text(json.dumps(book))
    assert certificate_facts.uses(tmp_path) == {
        "x.both": ["c001", "c002"],
        "x.direct": ["c009"],
        "x.sum": ["c001"],
    }


def test_codecheck_yml_is_valid_yaml_and_meets_the_rules_when_people_gave_what_they_must(reviewed):
    text = (reviewed.folder / "codecheck.yml").read_bytes().decode("utf-8")
    assert text.startswith("%YAML 1.1\n---\n")
    data = yaml.safe_load(text)
    assert codecheck.problems(data, reviewed.folder) == [] == list(reviewed.lacking)
    assert data["codechecker"] == [{"name": "Josiah Carberry", "ORCID": "0000-0002-1825-0097"}]
    assert data["paper"]["reference"] == "https://doi.org/10.1080/23740973.2020.1761611"
    assert data["certificate"] == "2026-001" and isinstance(data["check_time"], str)
    assert len(data["manifest"]) == len({item["file"] for item in data["manifest"]}) > 1


def test_what_nobody_gave_is_left_out_and_named_never_made_up(reviewed):
    config = certificate.configuration(reviewed.run, People())
    assert {"certificate", "report", "codechecker", "repository"}.isdisjoint(config)
    assert {f.rule for f in codecheck.problems(config) if f.severity == "error"} == {
        "CC-CFG-008", "CC-CFG-011", "CC-CFG-018", "CC-CFG-025",
    }  # fmt: skip


VALID = {
    "version": codecheck.SPECIFICATION,
    "manifest": [{"file": "a.csv", "comment": "x"}],
    "paper": {
        "title": "T",
        "authors": [{"name": "A", "ORCID": "0000-0002-1825-0097"}],
        "reference": "https://doi.org/10.1/x",
    },
    "codechecker": [{"name": "C", "ORCID": "0000-0001-5109-3700"}],
    "report": "https://doi.org/10.5281/zenodo.1",
    "summary": "S",
    "certificate": "2026-001",
}
BREAKS = {
    "CC-CFG-004": lambda d: d.pop("manifest"),
    "CC-CFG-005": lambda d: d["manifest"].append({"comment": "no file"}),
    "CC-CFG-006": lambda d: d["manifest"].append({"file": "../a.csv"}),
    "CC-BUN-001": lambda d: d["manifest"].append({"file": "absent.csv"}),
    "CC-CFG-008": lambda d: d.update(codechecker=[]),
    "CC-CFG-009": lambda d: d["codechecker"][0].pop("name"),
    "CC-CFG-010": lambda d: d["codechecker"][0].pop("ORCID"),
    "CC-CFG-011": lambda d: d.pop("report"),
    "CC-CFG-013": lambda d: d.update(report="https://doi.org/10.5281/zenodo.FIXME"),
    "CC-CFG-014": lambda d: d.pop("version"),
    "CC-CFG-015": lambda d: d.update(version="https://codecheck.org.uk/spec/config/9.0/"),
    "CC-CFG-016": lambda d: d.pop("paper"),
    "CC-CFG-017": lambda d: d["paper"].pop("title"),
    "CC-CFG-018": lambda d: d["paper"].pop("authors"),
    "CC-CFG-019": lambda d: d["paper"]["authors"][0].pop("name"),
    "CC-CFG-020": lambda d: d["paper"]["authors"][0].pop("ORCID"),
    "CC-CFG-021": lambda d: d["paper"].pop("reference"),
    "CC-CFG-022": lambda d: d["paper"].update(reference="https://example.org/a.pdf"),
    "CC-CFG-023": lambda d: d.update(summary="TODO"),
    "CC-CFG-024": lambda d: d.pop("summary"),
    "CC-CFG-025": lambda d: d.pop("certificate"),
    "CC-CFG-026": lambda d: d.update(certificate="2026-1"),
    "CC-CFG-027": lambda d: d["paper"].update(reference="Armed Conflict Survey 6:1"),
    "CC-CFG-029": lambda d: d["paper"].update({"reference-other": "https://example.org"}),
    "CC-MET-001": lambda d: d["codechecker"][0].update(ORCID="0000-0001-5109-3701"),
}
WARNINGS = {"CC-CFG-010", "CC-CFG-014", "CC-CFG-015", "CC-CFG-022", "CC-CFG-027"}


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_of_the_specification_is_found_broken(rule, tmp_path):
    (tmp_path / "a.csv").touch()
    assert codecheck.problems(VALID, tmp_path) == []
    broken = copy.deepcopy(VALID)
    BREAKS[rule](broken)
    assert [(f.rule, f.severity) for f in codecheck.problems(broken, tmp_path)] == [
        (rule, "warning" if rule in WARNINGS else "error")
    ]


@pytest.mark.parametrize(
    "text", [HOSTILE, "yes", "2026-001", "null", "a: b", "- x", "\u2028\u0085\ufeff", "\U0001f600é", "'\"\\"]
)
def test_any_text_comes_back_from_yaml_as_it_was(text):
    assert yaml.safe_load(codecheck.yaml({"summary": text, "list": [{"a": text}, {"b": text, "c": text}]}, [text])) == {
        "summary": text, "list": [{"a": text}, {"b": text, "c": text}],
    }  # fmt: skip


def graph(reviewed) -> dict[str, dict]:
    data = json.loads((reviewed.folder / crate.NAME).read_text(encoding="utf-8"))
    assert data["@context"] in (
        "https://w3id.org/ro/crate/1.1/context",
        ["https://w3id.org/ro/crate/1.1/context"],
    )
    found = {entity["@id"]: entity for entity in data["@graph"]}
    assert len(found) == len(data["@graph"])
    return found


def ids(value) -> set[str]:
    return {entry["@id"] for entry in (value if isinstance(value, list) else [value])}


def test_the_crate_has_what_a_workflow_run_crate_must_have(reviewed):
    found = graph(reviewed)
    root = found["./"]
    assert set(crate.PROFILES) == ids(root["conformsTo"])
    main = found[root["mainEntity"]["@id"]]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= set(main["@type"])
    run = found["#run"]
    assert (
        run["@type"] == "CreateAction"
        and run["instrument"] == {"@id": main["@id"]}
        and "#run" in ids(root["mentions"])
    )
    assert run["startTime"] < run["endTime"] and run["agent"] == {
        "@id": "https://orcid.org/0000-0002-1825-0097"
    }
    assert "outputs/figures/one_in_nine.svg" in ids(run["result"]) and ids(run["object"])
    for name in ("input", "output"):
        assert all(found[i]["@type"] == "FormalParameter" for i in ids(main[name]))


def test_the_crate_lists_every_file_and_no_reference_is_dangling(reviewed):
    found = graph(reviewed)
    files = {p.relative_to(reviewed.folder).as_posix() for p in reviewed.folder.rglob("*") if p.is_file()} - {
        crate.NAME
    }
    assert ids(found["./"]["hasPart"]) == files
    dangling = {
        one["@id"]
        for entity in found.values()
        for name, value in entity.items()
        for one in (value if isinstance(value, list) else [value])
        if isinstance(one, dict) and one["@id"] not in found and not one["@id"].startswith("http")
    }
    assert dangling == set()


@pytest.mark.skipif(
    not (os.environ.get("FFSTATS_ROCRATE_VALIDATOR") or shutil.which("rocrate-validator")),
    reason="roc-validator needs another version of rich; install it in an environment of its own and name it",
)
def test_the_crate_is_valid_by_the_rocrate_validator(reviewed):
    tool = os.environ.get("FFSTATS_ROCRATE_VALIDATOR") or "rocrate-validator"
    done = subprocess.run(
        [tool, "--no-interactive", "--disable-color", "validate", "--no-paging", "-l", "required", "-p", "workflow-run-crate-0.5",
         str(reviewed.folder)], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_hostile_words_are_printed_and_never_run(reviewed):
    facts = copy.deepcopy(reviewed.run.facts)
    facts["numbers_in_text"][0] |= {
        "printed": HOSTILE,
        "reason": HOSTILE,
        "verdict": "differs",
        "page": "1",
        "section": HOSTILE,
    }
    facts["texts"] = {name: HOSTILE for name in facts["texts"]}
    run = replace(reviewed.run, facts=facts, log=HOSTILE, steps=((HOSTILE, 1.0),))
    about = certificate.content(run, People(reviewer=HOSTILE))
    page = typeset.html("certificate.html", about).decode("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page
    assert typeset.pdf("certificate.typ", about, 0).startswith(b"%PDF-")
    listing = typeset.html(
        "numbers.html", {"rows": facts["numbers_in_text"], "texts": facts["texts"]}
    ).decode("utf-8")
    assert "<script" not in listing
    table = certificate.numbers_csv([facts["numbers_in_text"][0] | {"printed": "=1+1"}]).decode("utf-8")
    assert "'=1+1" in table


def test_the_certificate_asks_nothing_of_the_network(reviewed):
    for name in ("certificate.html", "codecheck/numbers_in_text.html"):
        page = (reviewed.folder / name).read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(|@import|<script""", page)


def test_the_same_facts_give_the_same_bytes(reviewed):
    about = certificate.content(reviewed.run, PEOPLE)
    made = [typeset.pdf("certificate.typ", about, 1_600_000_000) for _ in range(2)]
    assert made[0] == made[1]
    assert typeset.html("certificate.html", about) == (reviewed.folder / "certificate.html").read_bytes()


def test_answers_of_a_blind_recompute_stand_in_the_certificate(reviewed, tmp_path):
    answers = [blind.recompute("c043", "425"), blind.recompute("c021", "7,000")]
    about = certificate.content(reviewed.run, PEOPLE, (), answers)
    page = typeset.html("certificate.html", about).decode("utf-8")
    assert "Blind recompute" in page and "<td>425</td>" in page and "<td>range</td>" in page
    assert "Blind recompute" not in (reviewed.folder / "certificate.html").read_text(encoding="utf-8")
    assert typeset.pdf("certificate.typ", about, 0).startswith(b"%PDF-")


def test_a_difference_is_counted_named_and_told_without_a_place_of_this_machine(reviewed):
    (name,) = [n for n in reviewed.run.facts["numbers"] if n["id"] == "implications.told_gbr"]
    found = replay.Replay(
        "HEAD",
        (
            replay.Item("number", name["id"], "differs", "1 → 2 (by 1, 100.0%)"),
            replay.Item("table", "t", "same"),
        ),
    )
    about = certificate.content(replace(reviewed.run, replay=found), PEOPLE)
    assert about["replay"]["rows"] == [["number", "0", "1"], ["table", "1", "0"]]
    assert (
        about["summary"].count(
            "1 of 2 numbers, tables and figures are not as in the results of the commit under review"
        )
        == 1
    )
    assert "1 → 2 (by 1, 100.0%)" in typeset.html("certificate.html", about).decode("utf-8")


def test_a_rerun_is_compared_with_what_was_named_or_else_with_what_came_along(reviewed, tmp_path, monkeypatch):
    rerun, named, project = (tmp_path / name for name in ("rerun", "named", "project"))
    for folder in (rerun / "results", named, project / "results"):
        shutil.copytree(reviewed.folder / "outputs", folder)
    found, _ = certificate_run._compare(project, rerun, str(named))
    assert found.same and found.reference == "the results that the reviewer named"
    assert "is the same as" in certificate.summary(replace(reviewed.run, replay=found))

    def no_commit(*_):
        raise ReplayError("no commit here")

    monkeypatch.setattr(replay, "replay", no_commit)
    found, _ = certificate_run._compare(project, rerun, None)
    assert found.same and found.reference == "the results that came with the project"
    shutil.rmtree(project)
    found, why = certificate_run._compare(project, rerun, None)
    assert found is None and why in certificate.summary(replace(reviewed.run, replay=None, no_replay=why))


def test_a_rerun_that_fails_says_so_with_the_end_of_its_log(tmp_path):
    with pytest.raises(ReviewError, match=r"exit status 1[\s\S]*Nothing is called 'nosuch'"):
        certificate.review(tmp_path / "out", whole_tree=True, command=("reproduce", "--only", "nosuch"))
    assert not (tmp_path / "out").exists()


def test_a_folder_of_anything_else_is_never_replaced(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(ReviewError, match="holds no certificate"):
        certificate.review(tmp_path, whole_tree=True, command=("no", "such", "command"))
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


def test_what_cannot_be_compared_with_is_said_before_everything_is_run(tmp_path):
    with pytest.raises(ReplayError, match="Name a commit or a folder"):
        certificate.review(
            tmp_path / "out", against="no-such-commit", whole_tree=True, command=("no", "such", "command")
        )


def test_only_committed_files_are_reviewed_unless_the_tree_is_asked_for(tmp_path, monkeypatch):
    project = tmp_path / "project"
    (project / "data/raw").mkdir(parents=True)
    (project / "data/raw/sources.csv").write_text("a\n")
    (project / "results").mkdir()
    (project / "results/old.csv").write_text("stale\n")
    git = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    (project / "new.txt").write_text("uncommitted\n")
    before = certificate_run.origin(project)
    assert before.uncommitted == ("new.txt",) and len(before.commit) == 40
    certificate_run.copy(project, tmp_path / "clean")
    certificate_run.copy(project, tmp_path / "tree", whole_tree=True)
    assert not (tmp_path / "clean/new.txt").exists() and (tmp_path / "tree/new.txt").exists()
    assert not (tmp_path / "clean/results").exists() and not (tmp_path / "tree/results").exists()


def test_a_project_without_git_is_told_what_to_do(tmp_path):
    with pytest.raises(ReviewError, match="--tree"):
        certificate_run.origin(tmp_path)
    assert certificate_run.origin(tmp_path, whole_tree=True).commit == ""
