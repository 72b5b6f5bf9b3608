"""The paper: the report's narrative with its figures and tables as PDF, Word and LaTeX, all from one tree of nodes."""

from __future__ import annotations

import json
import os
import re
from itertools import takewhile
from pathlib import Path
from typing import Any

from ffstats import ledger, paths, results
from ffstats.choice import valid
from ffstats.drawn import out_dir
from ffstats.errors import ExtraMissing, PaperError
from ffstats.files import put
from ffstats.judging import entries
from ffstats.judging.entries import TEXTS
from ffstats.judging.verdicts import HEADLINES
from ffstats.publish import (
    narrative,
    narrative_bindings,
    page,
    page_about,
    page_exhibits,
    page_explorer,
    page_ledger,
    typeset,
)
from ffstats.publish import paper_ast as ast
from ffstats.publish.paper_ast import Node

FOLDER = Path("paper")
FORMATS = ("pdf", "docx", "tex")
OF_THE_PAGE = {"explorer": "explorer", "ledger": "card", "dictionary": "dictionary"}
"""Parts that only a page can have, and the word by which the paragraph before one leads to it: from the first sentence
with that word on, the paragraph is left out with the part."""
DERIVED = "derived-numbers"
SETS = 10
"""Sets of clashing numbers that are printed for a reading."""
FONT = b"Liberation Sans, Arial, Helvetica, sans-serif"


def write(out: Path | str | None = None, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write paper/survey.pdf, .docx and .tex into a results folder, from what that folder and the tidy tables hold.

    Parameters: out, the results folder (default: the project's results); formats, which of the three.
    Returns: the paths written. The same inputs and the same SOURCE_DATE_EPOCH or commit give the same bytes.
    Raises: NarrativeError, for a number that is typed or stands for nothing; ExhibitError, for what is not there;
    ExtraMissing, where Typst or Pandoc is not installed; ChoiceError, for another format.
    """
    for name in formats:
        valid("format", name, FORMATS)
    folder = out_dir(out)
    made = {"pdf": pdf, "docx": docx, "tex": tex}
    tree = build(folder)
    found = []
    for name in formats:
        path = folder / FOLDER / f"survey.{name}"
        put(path, made[name](tree, folder))
        found.append(path)
    return found


def build(folder: Path) -> Node:
    """Return the whole paper as a document of Pandoc's nodes."""
    return _Paper(folder).document()


class _Paper:
    """The results folder, the narrative and its bindings, from which the blocks of the paper follow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = narrative.read()
        self.listed = {item["id"]: item for item in page.listed_in(folder)}
        self.order = [name for section in self.text.sections for name in section.exhibits()]
        page.complete(self.order, self.listed)
        self.labels = page_exhibits.labels(
            self.order, {name: item["kind"] for name, item in self.listed.items()}
        )
        self.verdicts = ledger.check()
        self.numbers = results.numbers(folder)
        counts = page.counted(self.verdicts, page_explorer.data(), len(self.listed))
        counts["bound"] = narrative.check(self.text).bound
        titles = {section.id: section.title for section in self.text.sections}
        self.resolve = narrative_bindings.Bindings(
            self.numbers, self.labels, entries.load().claims, counts, titles
        )
        narrative.checked(self.text, self.resolve)
        self.day = page_about.date()
        self.parts = {
            "verdicts": self._verdicts, "conflicts": self._conflicts, "numbers": self._numbers, "sources": self._sources,
            "cite": self._cite, "provenance": self._provenance,
        }  # fmt: skip

    def document(self) -> Node:
        blocks: list[Node] = []
        for section in self.text.sections:
            inner = self._section(section)
            if inner:
                title = ast.inline(printable(section.title), self.resolve, self._place)
                blocks += [ast.header(1, section.id, title), *inner]
        tables = [name for name in self.order if self.listed[name]["kind"] == "table"]
        blocks.append(ast.header(1, "tables", [ast.string("Tables")]))
        blocks += [*(self._table(name) for name in tables), self._derived()]
        head = {name: self.text.head.get(name, "") for name in ("title", "subtitle")}
        return ast.document(blocks, head | {"date": page_about.written_date(self.day), "lang": "en-GB"})

    def _section(self, section: narrative.Section) -> list[Node]:
        found: list[Node] = []
        for at, block in enumerate(section.blocks):
            following = section.blocks[at + 1] if at + 1 < len(section.blocks) else None
            if block.kind == "prose":
                part = following.content if following and following.kind == "part" else ""
                found += ast.markdown(
                    printable(block.content, OF_THE_PAGE.get(part, "")), self.resolve, self._place
                )
            elif block.kind == "exhibit":
                found.append(
                    self._figure(block.content)
                    if self.listed[block.content]["kind"] == "figure"
                    else self._pointer(block.content)
                )
            elif block.content not in OF_THE_PAGE:
                found += self._part(block.content)
        return found

    def _part(self, name: str) -> list[Node]:
        if name not in self.parts:
            raise PaperError(
                f"{self.text.name}: the paper has no part {name!r}. Add it, or name it among those of the page."
            )
        return self.parts[name]()

    def _place(self, role: str, target: str) -> str:
        if role == "exhibit":
            return f"#{target}"
        return f"#{target}" if role == "ref" else ""

    def _figure(self, name: str) -> Node:
        # A picture bears its own title, notes and sources.
        item = self.listed[name]
        said = f" {item['title']}. Drawn by notebook {item['notebook']}."
        return ast.figure(
            name, f"figures/{name}.svg", item["alt"], [ast.strong(f"{self.labels[name]}."), ast.string(said)]
        )

    def _pointer(self, name: str) -> Node:
        said = f"{self.labels[name]}: {self.listed[name]['title']}"
        return ast.para({"t": "Emph", "c": [ast.string("See "), ast.link(f"#{name}", said), ast.string(".")]})

    def _table(self, name: str) -> Node:
        path = self.folder / "tables" / f"{name}.html"
        head, rows, right = ast.great_table(str(page_exhibits.great_table(page_exhibits.text(path))))
        item = self.listed[name]
        caption = [ast.strong(f"{self.labels[name]}. {item['title']}."), ast.string(f" {item['caption']}")]
        return ast.table(name, caption, head, rows, right)

    def _verdicts(self) -> list[Node]:
        texts = {text: ledger.summary([v for v in self.verdicts if v.claim.text == text]) for text in TEXTS}
        head = ["Text", *(name.replace("_", " ") for name in HEADLINES), "all"]
        rows = [
            [TEXTS[text], *map(str, counts.values()), str(sum(counts.values()))]
            for text, counts in texts.items()
        ]
        return [ast.table("", [], head, rows, range(1, len(head)))]

    def _conflicts(self) -> list[Node]:
        found: list[Node] = []
        for reading in page_ledger.conflicts(entries.load().claims.values()):
            verdict = (
                "can all be true"
                if reading["feasible"]
                else f"cannot all be true; {len(reading['sets'])} smallest sets clash"
            )
            stopped = f" The search stopped early: {reading['stopped']}." if reading["stopped"] else ""
            found.append(
                ast.para(
                    ast.strong(f"In the {reading['reading']} reading"),
                    ast.string(f" the numbers {verdict}.{stopped}"),
                )
            )
            if reading["sets"]:
                found.append(ast.bullets(self._set(one) for one in reading["sets"][:SETS]))
            if len(reading["sets"]) > SETS:
                found.append(
                    ast.para(
                        ast.string("The sets are listed by size; the larger ones stand in the report page.")
                    )
                )
        return found

    def _set(self, one: dict[str, Any]) -> list[Node]:
        numbers = "; ".join(
            f"{n['title']} ({n['printed']}{', ' + n['id'] if n['claim'] else ''})" for n in one["numbers"]
        )
        reasons = " ".join(
            f"{relation['sentence']}: {relation['reason']}".rstrip(".") + "." for relation in one["relations"]
        )
        return [ast.string(f"{numbers}. "), {"t": "Emph", "c": [ast.string(reasons)]}]

    def _numbers(self) -> list[Node]:
        said = "The last of the tables lists every number that the notebooks derive, with what it is"
        return [ast.para(ast.link(f"#{DERIVED}", said), ast.string("."))]

    def _derived(self) -> Node:
        rows = [[n["text"], n["definition"], n["notebook"], n["id"]] for n in self.numbers]
        caption = [ast.strong("Numbers that the notebooks derive.")]
        return ast.table(DERIVED, caption, ["Number", "What it is", "Notebook", "Id"], rows)

    def _sources(self) -> list[Node]:
        from ffstats import sources

        return [
            ast.bullets(
                [ast.string(f"{s.short}: {s.citation}")] for s in sources.registry().values() if s.citation
            )
        ]

    def _cite(self) -> list[Node]:
        said = f"{self.text.head.get('title', '')}. ffstats, version {typeset.version()}, {page_about.written_date(self.day)}."
        return [ast.para(ast.string(f"{said} Cite the sources of the figures you use as well."))]

    def _provenance(self) -> list[Node]:
        made = page_about.provenance(self.folder)
        versions = ", ".join(f"{name} {number}" for name, number in made["versions"])
        rows = [[name, digest[:16]] for name, digest in made["hashes"]]
        caption = [ast.strong("Made from."), ast.string(" The first 16 digits of the SHA-256 of each input.")]
        return [
            ast.para(ast.string(f"Made with {versions}.")),
            ast.table("", caption, ["Input", "SHA-256"], rows),
        ]


def printable(text: str, word: str = "") -> str:
    """Return prose of the page as the paper has it.

    Parameters: word, what leads to a part that the paper lacks: the last paragraph ends before the sentence that has it.

    >>> printable("This page is short.\\n\\nSources differ. Choose one in the explorer. See it.", "explorer")
    'This paper is short.\\n\\nSources differ.'
    """
    text = re.sub(r"\b([Tt])his page\b", r"\1his paper", text)
    if not word:
        return text
    before, gap, last = text.rpartition("\n\n")
    sentences = re.split(r"(?<=[.!?])\s+", last)
    kept = list(takewhile(lambda sentence: word not in sentence, sentences))
    return f"{before}{gap}{' '.join(kept)}".rstrip()


def pdf(tree: Node, folder: Path) -> bytes:
    """Return the paper as PDF, with figures as vector graphics and text; tagged, and the same bytes on repeat."""
    pictures = {
        f"figures/{path.name}": path.read_bytes().replace(FONT, b"Arimo")
        for path in sorted((folder / "figures").glob("*.svg"))
    }
    return typeset.pdf("paper.typ", tree, int(page_about.date().timestamp()), pictures, standard="ua-1")


def docx(tree: Node, folder: Path) -> bytes:
    """Return the paper as a Word document, with figures as pictures."""
    return _pandoc(_bitmaps(tree), "docx", folder, [])


def tex(tree: Node, folder: Path) -> bytes:
    """Return the paper as LaTeX that stands alone; its pictures lie in ../figures."""
    return _pandoc(_bitmaps(tree, "../"), "latex", folder, ["--standalone", "--variable=papersize:a4"])


def _bitmaps(tree: Any, before: str = "") -> Any:
    """Return the tree with pictures for programs that cannot draw SVG."""
    if isinstance(tree, list):
        return [_bitmaps(part, before) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("t") == "Image":
        attributes, alt, (path, title) = tree["c"]
        return {"t": "Image", "c": [attributes, alt, [f"{before}{path.removesuffix('.svg')}.png", title]]}
    return {name: _bitmaps(part, before) for name, part in tree.items()}


def _pandoc(tree: Node, form: str, folder: Path, options: list[str]) -> bytes:
    """Run Pandoc over a tree, dated as the PDF is."""
    try:
        import pypandoc
    except ImportError as error:
        raise ExtraMissing("Word and LaTeX need Pandoc", "publish") from error
    import subprocess

    command = [
        pypandoc.get_pandoc_path(),
        "--from=json",
        f"--to={form}",
        "--output=-",
        f"--resource-path={folder}",
        *options,
    ]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(page_about.date().timestamp()))}
    done = subprocess.run(
        command, input=json.dumps(tree).encode("utf-8"), capture_output=True, env=environment, check=False
    )
    if done.returncode:
        raise PaperError(
            f"Pandoc, {form}: {done.stderr.decode('utf-8', 'replace').strip()}".replace(
                str(folder), paths.shown(folder)
            )
        )
    return done.stdout
