"""The narrative of the report: one Markdown source in which every number is a role, never typed.

The source is MyST-flavoured: `(rise)=` names the section that follows, {num}`rise.told_growth_2017` stands for a
number, and a fence opened with ```{exhibit} growth for a figure or table. What a role stands for is looked up by
`ffstats.publish.narrative_bindings`; the reader page and the paper are both written from what is read here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths
from ffstats.errors import NarrativeError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_inline import StateInline

ROLE = re.compile(r"\{([a-z]+)\}`([^`\n]+)`")
LABEL = re.compile(r"\(([a-z][a-z0-9-]*)\)=")
FENCE = re.compile(r"```\{(exhibit|part)\}\s*(\S+)")
EXEMPT = (
    ("dates", re.compile(r"\b(?:19|20)\d\d(?:[–/-](?:\d\d){1,2})?\b"), "A date places a number; it counts nothing."),
    ("references", re.compile(r"\b(?:pp?\.|notes?|no\.|vol\.|ISO) \d+(?:[–-]\d+)*"), "A locator, not a quantity."),
)  # fmt: skip
"""Typed numerals that may stand: what they are, how they look, and why."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a role stands for: the text to print, where it comes from in words, and the anchor that shows it."""

    role: str
    target: str
    text: str
    origin: str
    anchor: str = ""


Resolve = Callable[[str, str], Bound]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of prose (Markdown), or the place of an exhibit or of a part of the page (its id)."""

    kind: str
    content: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One section: the name that links use, its title, and its blocks in order."""

    id: str
    title: str
    line: int
    blocks: tuple[Block, ...]

    def exhibits(self) -> list[str]:
        """Return the ids of the figures and tables that stand in it."""
        return [block.content for block in self.blocks if block.kind == "exhibit"]


@dataclass(frozen=True, slots=True)
class Narrative:
    """The whole text: what its head says (title, subtitle …), and its sections."""

    head: dict[str, str]
    sections: tuple[Section, ...]
    name: str = "survey.md"

    def prose(self) -> Iterator[tuple[int, str]]:
        """Give every line and stretch of prose there is, titles among it."""
        for text in self.head.values():
            yield 1, text
        for section in self.sections:
            yield section.line, section.title
            for block in section.blocks:
                if block.kind == "prose":
                    yield block.line, block.content

    def roles(self) -> list[tuple[str, str, int]]:
        """Return every role in the prose: its name, its target and the line of its paragraph."""
        found = []
        for line, text in self.prose():
            for hit in ROLE.finditer(text):
                found.append((hit[1], hit[2], line + text[: hit.start()].count("\n")))
        return found


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the check of typed numbers found: numbers bound, numerals exempt by kind, and those typed (an error)."""

    bound: int
    exempt: dict[str, int] = field(default_factory=dict)
    typed: tuple[str, ...] = ()


def source() -> Path:
    """Return the Markdown file of the narrative."""
    return Path(__file__).with_name("survey.md")


def read(path: Path | None = None) -> Narrative:
    """Read a narrative.

    Raises: NarrativeError with every section that has no name, and every name given twice.

    >>> read().sections[0].blocks[0].kind
    'prose'
    """
    path = path or source()
    lines = path.read_text(encoding="utf-8").split("\n")
    head, start = _head(lines)
    sections: list[Section] = []
    blocks: list[Block] = []
    waiting: list[str] = []
    problems: list[str] = []
    label, begun, number = "", start, start

    def close() -> None:
        text = "\n".join(waiting).strip("\n")
        if text:
            blocks.append(Block("prose", text, begun + 1 + _blank(waiting)))
        waiting.clear()

    while number < len(lines):
        line = lines[number]
        if named := LABEL.fullmatch(line.strip()):
            label = named[1]
        elif line.startswith("## "):
            close()
            if sections:
                sections[-1] = Section(sections[-1].id, sections[-1].title, sections[-1].line, tuple(blocks))
            blocks = []
            if not label or label in {known.id for known in sections}:
                problems.append(f"{path.name}, line {number + 1}: write (a-name-of-its-own)= before the section")
            sections.append(Section(label, line[3:].strip(), number + 1, ()))
            label, begun = "", number + 1
        elif fence := FENCE.fullmatch(line.strip()):
            close()
            blocks.append(Block(fence[1], fence[2], number + 1))
            number += 1
            if number >= len(lines) or lines[number].strip() != "```":
                problems.append(f"{path.name}, line {number}: close the fence on the next line")
            begun = number + 1
        else:
            waiting.append(line)
        number += 1
    close()
    if sections:
        sections[-1] = Section(sections[-1].id, sections[-1].title, sections[-1].line, tuple(blocks))
    if problems:
        raise NarrativeError("\n".join(problems))
    return Narrative(head, tuple(sections), path.name)


def _head(lines: list[str]) -> tuple[dict[str, str], int]:
    """Return the `name: value` lines between the two `---` at the top, and the line after them."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    end = next(n for n, line in enumerate(lines[1:], 1) if line.strip() == "---")
    pairs = (line.partition(":") for line in lines[1:end])
    return {name.strip(): value.strip() for name, _, value in pairs}, end + 1


def _blank(lines: list[str]) -> int:
    return next((n for n, line in enumerate(lines) if line.strip()), 0)


def parser() -> MarkdownIt:
    """Return the Markdown parser: CommonMark with tables and roles; HTML in the source stays text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.before("backticks", "role", _role)
    reader.add_render_rule("role", _render_role)
    return reader


def _role(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    hit = ROLE.match(state.src, state.pos)
    if hit is None:
        return False
    if not silent:
        token = state.push("role", "", 0)
        token.meta = {"role": hit[1], "target": hit[2]}
        token.content = hit[0]
    state.pos = hit.end()
    return True


def _render_role(renderer: RendererHTML, tokens: Any, index: int, options: Any, env: Any) -> str:
    from markupsafe import escape

    meta = tokens[index].meta
    bound: Bound = env["resolve"](meta["role"], meta["target"])
    if not bound.anchor:
        return str(escape(bound.text))
    return f'<a class="bound {escape(bound.role)}" href="#{escape(bound.anchor)}" title="{escape(bound.origin)}">{escape(bound.text)}</a>'


def html(markdown: str, resolve: Resolve, inline: bool = False) -> str:
    """Return prose as HTML, each role replaced by what it stands for, linked to where that is shown.

    >>> html("It was {num}`a.b`.", lambda role, target: Bound(role, target, "<12>", "x"), inline=True)
    'It was &lt;12&gt;.'
    """
    reader = parser()
    render = reader.renderInline if inline else reader.render
    return str(render(markdown, {"resolve": resolve}))


def expand(markdown: str, write: Resolve | Callable[[str, str], str]) -> str:
    """Return the Markdown with each role replaced by a text, for writers that read Markdown themselves.

    >>> expand("It was {num}`a.b`.", lambda role, target: f"**{target}**")
    'It was **a.b**.'
    """

    def put(hit: re.Match[str]) -> str:
        found = write(hit[1], hit[2])
        return found.text if isinstance(found, Bound) else found

    return ROLE.sub(put, markdown)


@cache
def _number_words() -> re.Pattern[str]:
    """Return what finds an English number word; "one" is a pronoun more often than a number and is left out."""
    with paths.vocabulary("number_words.csv").open(encoding="utf-8", newline="") as file:
        words = {
            row["words"].lower()
            for row in csv.DictReader(file)
            if row["language"] == "en" and row["role"] in ("number", "multiplier", "plural", "part") and len(row["words"]) > 2
        }
    listed = sorted(words - {"one", "score", "scores"}, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, listed))})\b", re.IGNORECASE)


def check(narrative: Narrative) -> Coverage:
    """Look for numbers typed into the prose: every digit or number word that is neither a role nor exempt.

    Commands and names in code spans, and addresses of links, state nothing and are not looked at.

    >>> check(Narrative({}, (Section("a", "A", 1, (Block("prose", "In 2017, forty left.", 2),)),))).typed
    ('survey.md, line 2: forty',)
    """
    reader = parser()
    bound, exempt, typed = 0, dict.fromkeys((name for name, _, _ in EXEMPT), 0), []
    for line, text in narrative.prose():
        for token in reader.parse(text):
            at = line + (token.map[0] if token.map else 0)
            for child in token.children or ():
                if child.type == "role":
                    bound += child.meta["role"] in ("num", "claim", "est", "total", "count")
                if child.type != "text":
                    continue
                left = child.content
                for name, pattern, _ in EXEMPT:
                    left, times = pattern.subn(" ", left)
                    exempt[name] += times
                hits = [*re.findall(r"\d(?:[\d.,]*\d)?", left), *_number_words().findall(left)]
                typed += [f"{narrative.name}, line {at}: {hit}" for hit in hits]
    return Coverage(bound, exempt, tuple(typed))


def checked(narrative: Narrative, resolve: Resolve) -> Coverage:
    """Return the coverage of a narrative whose numbers are all bound.

    Raises: NarrativeError with every typed number and every role that stands for nothing.
    """
    coverage = check(narrative)
    problems = [f"{text} is typed; write it as a role: {{num}}, {{claim}}, {{est}} or {{total}}" for text in coverage.typed]
    for role, target, line in narrative.roles():
        try:
            resolve(role, target)
        except NarrativeError as error:
            problems.append(f"{narrative.name}, line {line}: {error}")
    if problems:
        raise NarrativeError("\n".join(problems))
    return coverage
