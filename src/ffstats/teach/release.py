"""A release of the course: what students get, each with a seed of their own, and what the instructor keeps."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ffstats import paths, store
from ffstats.errors import TeachError
from ffstats.teach import COLLECT, keys, lesson, slides, wheel
from ffstats.teach.feedback import Feedback

if TYPE_CHECKING:
    from nbformat import NotebookNode

RECORD: Final = "release.json"
TOP: Final = "ffstats-lessons"
SHEET: Final = "student.md"  # beside the lessons; every other .md there is for the instructor
NEIGHBOURS: Final = 1  # seeds after a single one whose right answers are known as copied
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Course:
    """The course as it comes out for one seed: executed lessons by file name, and plain keys by question."""

    seed: int
    lessons: Mapping[str, NotebookNode]
    plain: Mapping[str, keys.Plain]


def release(
    out: Path,
    seed: int = 0,
    students: Path | None = None,
    home: Path | None = None,
    say: Callable[[str], object] | None = None,
) -> list[str]:
    """Write the student's and the instructor's version of the course below a folder.

    Parameters: seed, which countries and sources the questions take; students, a CSV with a column `student`
    (and, if wanted, `seed`) instead, one zip each; home, the folder of the lessons; say, called with each step.
    Returns the files that are not as they were. The same lessons, data and seeds give the same bytes.
    Raises: TeachError, with everything that is wrong with the lessons or the students' file.
    """
    originals = _lessons(home)
    names = of_students(students) if students else {}
    fixed = _fixed(home)
    seeds = sorted(set(names.values()) or {seed})
    extra = () if len(seeds) > 1 else range(seeds[0] + 1, seeds[0] + 1 + NEIGHBOURS)
    courses = run([*seeds, *extra], home, say)
    with ThreadPoolExecutor(2) as pool:
        hashed = {each: key_file(courses, each, pool) for each in seeds}
    packs = {each: wheel.zipped(fixed | _student(originals, each, hashed[each])) for each in seeds}
    contents = {f"keys/{each}.json": hashed[each] for each in seeds}
    if names:
        contents |= {f"students/{name}.zip": packs[own] for name, own in names.items()}
    else:
        contents["student.zip"] = packs[seed]
    contents["instructor.zip"] = wheel.zipped(_instructor(home, courses, seeds, names))
    record = {"lessons": sorted(originals), "seed": None if names else seed, "students": names}
    contents[RECORD] = _json(
        record | {"sha256": {n: hashlib.sha256(d).hexdigest() for n, d in contents.items()}}
    )
    changed = []
    for each in sorted({Path(name).parent for name in contents}):
        inside = {Path(name).name: data for name, data in contents.items() if Path(name).parent == each}
        changed += [(each / name).as_posix() for name in store.write(out / each, inside)]
    return changed


def run(
    seeds: Iterable[int], home: Path | None = None, say: Callable[[str], object] | None = None
) -> dict[int, Course]:
    """Run the lessons with their keys and solutions, once for each seed.

    Raises: TeachError, naming every lesson that fails, every solution that its own key does not take for right,
    and every chart that would load its scripts from elsewhere.
    """
    from ffstats.notebooks.run import Job, RunEvent, run_many

    root = paths.project_root()
    variables = {"FFSTATS_ROOT": str(root)} if root else {}
    files = lesson.sources(home)
    with tempfile.TemporaryDirectory(prefix="ffstats-release-") as place:
        jobs, at = [], []
        for seed in sorted(set(seeds)):
            base = Path(place) / str(seed)
            base.mkdir()
            for path in files:
                at.append((seed, path.name, base / f"{path.name}.keys"))
                collect = {COLLECT: str(at[-1][2])}
                jobs.append(Job(path, base / path.name, {"seed": seed}, base, variables | collect))

        def tell(event: RunEvent) -> None:
            if say is not None and event.result is not None:
                place = f"{event.job.source.stem}, seed {event.job.parameters['seed']}"
                say(f"{event.ended} of {event.total} runs: {place}, {event.result.status}")

        results = run_many(jobs, on_event=tell)
        failed = [str(result.error) for result in results if result.status != "ok"]
        if failed:
            raise TeachError(
                "\n\n".join([f"{_count(failed, 'run')} of a lesson failed; nothing was written.", *failed])
            )
        courses, wrong = {}, []
        for seed in sorted({each for each, _, _ in at}):
            own = [(name, jobs[n].out, kept) for n, (each, name, kept) in enumerate(at) if each == seed]
            executed = {name: lesson.read(out) for name, out, _ in own if out}
            plain = {each.question: each for _, _, kept in own for each in keys.collected(kept)}
            courses[seed] = Course(seed, executed, plain)
            wrong += [
                f"seed {seed}, {name}: {each}"
                for name, ran in executed.items()
                for each in _wrong(ran, plain)
            ]
    if wrong:
        raise TeachError(
            "\n".join([f"{_count(wrong, 'fault')} in the lessons as they ran; nothing was written.", *wrong])
        )
    return courses


def of_students(path: Path) -> dict[str, int]:
    """Return student → seed, of a CSV with a column `student` and perhaps `seed` (else 1, 2, 3 … by row).

    Raises: TeachError, with every row that is wrong.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TeachError(f"{path}: cannot be read as a table in UTF-8 ({error}).") from error
    found: dict[str, int] = {}
    wrong = []
    for number, row in enumerate(rows, start=1):
        name, text = (row.get("student") or "").strip(), (row.get("seed") or "").strip()
        if not _NAME.fullmatch(name):
            wrong.append(
                f"row {number}: student {name!r}: write letters, digits, dots and hyphens, as in a file name"
            )
        elif name.casefold() in {each.casefold() for each in found}:
            wrong.append(f"row {number}: student {name!r} stands there twice")
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            wrong.append(f"row {number}: seed {text!r}: write a whole number, or leave it empty")
        else:
            found[name] = int(text) if text else number
    if wrong or not rows:
        reason = wrong or ["no rows; the first line is its header, with a column student"]
        raise TeachError("\n".join([f"{paths.shown(path)}: nothing was written.", *reason]))
    return found


def _lessons(home: Path | None) -> dict[str, NotebookNode]:
    found = {path.name: lesson.read(path) for path in lesson.sources(home)}
    wrong = [f"{name}: {each}" for name, one in found.items() for each in lesson.problems(one)]
    asked = [number for one in found.values() for number in set(lesson.questions(one))]
    wrong += [
        f"question {each} is asked in two lessons"
        for each in sorted({n for n in asked if asked.count(n) > 1})
    ]
    if wrong:
        raise TeachError(
            "\n".join([f"{_count(wrong, 'problem')} in the lessons; nothing was written.", *wrong])
        )
    return found


def _wrong(ran: NotebookNode, plain: Mapping[str, keys.Plain]) -> list[str]:
    """Return what is wrong with an executed lesson: questions without a key, solutions that are not right, scripts."""
    printed = "".join(
        "".join(output["text"])
        for cell in ran.cells
        if "check" in lesson.tags(cell)
        for output in cell.outputs
        if output["output_type"] == "stream"
    )
    said = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
    wrong = []
    for number in lesson.questions(ran):
        if number not in plain:
            wrong.append(f"question {number}: its key was not registered")
        elif not said.get(number, "").startswith(Feedback(number, "right").sentence):
            wrong.append(f"question {number}: {said.get(number, 'its check printed nothing')}")
    html = [
        str(output.get("data", {}).get("text/html", ""))
        for cell in ran.cells
        for output in cell.get("outputs", ())
    ]
    if any("<script" in each for each in html):
        wrong.append(
            "a chart that needs the network to be shown; let the lesson say alt.renderers.enable('ffstats')"
        )
    return wrong


def key_file(courses: Mapping[int, Course], seed: int, pool: ThreadPoolExecutor) -> bytes:
    """Return the key file of a seed; what is right for the other seeds is known as copied."""
    own = courses[seed].plain
    others = [course.plain for each, course in courses.items() if each != seed]

    def hashed(number: str) -> keys.Question:
        # One salt a question for the whole release: what two students' keys have in common is hashed once.
        salt = hashlib.sha256(f"ffstats {sorted(courses)} {number}".encode()).digest()[:8].hex()
        return keys.hashed(own[number], salt, [each[number] for each in others if number in each])

    return keys.dumps(dict(zip(own, pool.map(hashed, own), strict=True)), seed)


def _student(originals: Mapping[str, NotebookNode], seed: int, key: bytes) -> dict[str, bytes]:
    from ffstats.notebooks import canonical

    copies = {
        name: canonical.dumps(lesson.student(one, seed)).encode("utf-8") for name, one in originals.items()
    }
    return {f"{TOP}/lessons/{name}": text for name, text in (copies | {keys.NAME: key}).items()}


def _fixed(home: Path | None) -> dict[str, bytes]:
    """Return what is the same for every student: the package with its data, what it needs, and the sheet."""
    name, package = wheel.build()
    locked = [_shared(f"requirements/{each}.txt").read_text(encoding="utf-8") for each in ("lean", "lab")]
    own = f"./{name} --hash=sha256:{hashlib.sha256(package).hexdigest()}\n"
    found = {name: package, "requirements.txt": "".join([*locked, own]).encode("utf-8")}
    sheet = (home or lesson.folder()) / SHEET
    if not sheet.is_file():
        raise TeachError(
            f"{paths.shown(sheet)}: the student's sheet is missing; it becomes the README of their zip."
        )
    return {f"{TOP}/{each}": data for each, data in (found | {"README.md": sheet.read_bytes()}).items()}


def _instructor(
    home: Path | None, courses: Mapping[int, Course], seeds: Sequence[int], names: Mapping[str, int]
) -> dict[str, bytes]:
    """Return the solved lessons of the first seed, slides, timetable, notes, and every seed's key in clear."""
    from ffstats.notebooks import canonical

    first = courses[seeds[0]].lessons
    found = {f"lessons/{name}": canonical.dumps(one).encode("utf-8") for name, one in first.items()}
    found |= {f"slides/{Path(n).stem}.html": slides.html(one).encode("utf-8") for n, one in first.items()}
    found |= {f"answers/{seed}.json": _json(_answers(courses[seed])) for seed in seeds}
    found["timetable.md"] = lesson.timetable(list(first.values())).encode("utf-8")
    found |= {
        p.name: p.read_bytes() for p in sorted((home or lesson.folder()).glob("*.md")) if p.name != SHEET
    }
    if names:
        rows = ["student,seed", *(f"{name},{seed}" for name, seed in names.items()), ""]
        found["students.csv"] = "\n".join(rows).encode("utf-8")
    return {f"{TOP}-instructor/{name}": data for name, data in found.items()}


def _answers(course: Course) -> dict[str, Any]:
    """Return the keys of a course in clear: what is right, in words, and every answer that is known."""
    return {
        number: {"right": list(plain.shown)}
        | {n: v for n, v in asdict(plain).items() if n in ("answers", "holds")}
        for number, plain in sorted(course.plain.items(), key=lambda item: keys.order(item[0]))
    }


def _shared(name: str) -> Path:
    """Return a file of the checkout, or its copy inside the package."""
    root = paths.project_root()
    homes = [*([root] if root else []), paths.package_dir().parents[1], paths.package_dir() / "_data"]
    return next((home / name for home in homes if (home / name).is_file()), homes[-1] / name)


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _count(found: Sequence[str], noun: str) -> str:
    return f"1 {noun}" if len(found) == 1 else f"{len(found)} {noun}s"
