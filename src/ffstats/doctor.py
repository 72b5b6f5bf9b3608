"""Whether this machine and installation can do the work: each finding with its remedy, and the versions."""

from __future__ import annotations

import locale
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path

from ffstats import paths
from ffstats.records import LOCK_FILE

TESTED = ((3, 11), (3, 13))
NEEDED_MB = 500
ANSWER_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")
EXTRAS = {
    "annotate": ("pypdf", "docx", "lxml"),
    "publish": ("typst", "pypandoc", "rocrate"),
    "cluster": ("distributed",),
    "lab": ("jupyterlab",),
}
LOCKED_HERE = ("annotate", "publish")  # what `make extras` installs; the others have targets of their own
SIGNS = {"ok": "ok  ", "note": "note", "broken": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ok, note (something optional is missing or differs) or broken."""

    what: str
    state: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{SIGNS[self.state]}  {self.what}: {self.found}"
        return line if self.state == "ok" else f"{line}\n      {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return asdict(self)


def interpreter() -> Finding:
    """Say whether this Python is one that the tests run under.

    >>> interpreter().what
    'interpreter'
    """
    now = sys.version_info[:2]
    found = f"{platform.python_implementation()} {platform.python_version()}"
    oldest, newest = (".".join(map(str, version)) for version in TESTED)
    if now < TESTED[0]:
        return Finding("interpreter", "broken", found, f"Install Python {oldest} to {newest}.")
    if now > TESTED[1]:
        return Finding("interpreter", "note", found, f"Tested are Python {oldest} to {newest}; use one of them if something fails.")
    return Finding("interpreter", "ok", found)


def versions() -> Finding:
    """Hold the installed packages against the lock, or without one against what the package requires."""
    folders = (paths.work_dir(), paths.package_dir() / "_data")
    lock = next((f for folder in folders if (f := folder / LOCK_FILE).is_file()), None)
    if lock is not None:
        text = lock.read_text(encoding="utf-8")
        wanted = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: \\)?$", text, flags=re.MULTILINE))
        against = f"the lock ({len(wanted)} packages)"
    else:
        wanted = dict.fromkeys(sorted(_required("ffstats")), "")
        against = f"what ffstats requires ({len(wanted)} packages)"
    held, required = {}, _required("ffstats")
    for name in wanted:
        with suppress(metadata.PackageNotFoundError):
            held[name] = metadata.version(name)
            required |= _required(name)
    # What the lock holds for the sake of a version that is not installed is absent, and not missing.
    missing = [name for name in wanted if name in required and name not in held]
    unlike = {name: (held.get(name, "absent"), version) for name, version in wanted.items() if version}
    other = [f"{name} {found}, not {version}" for name, (found, version) in unlike.items() if found != version]
    if missing:
        return Finding("packages", "broken", f"missing: {', '.join(missing)}", "Run `make environment`, or install ffstats again.")
    if other:
        return Finding("packages", "note", "; ".join(other), "Bytes of results are promised for the locked versions: `make environment` installs them.")
    return Finding("packages", "ok", f"as in {against}")


def _required(name: str) -> set[str]:
    """Return the names of what an installed package requires without extras, as a lock writes them."""
    lines = [line for line in metadata.requires(name) or () if "extra ==" not in line]
    return {re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", line)[0]).lower() for line in lines}


def extras() -> Iterator[Finding]:
    """Say which optional parts are installed."""
    checkout = (paths.work_dir() / "Makefile").is_file()
    for name, modules in EXTRAS.items():
        lacking = [module for module in modules if util.find_spec(module) is None]
        if lacking:
            how = f"make {'extras' if name in LOCKED_HERE else name}" if checkout else f"pip install 'ffstats[{name}]'"
            yield Finding(f"extra {name}", "note", f"without {', '.join(lacking)}", f"Only if you want it: `{how}`.")
        else:
            yield Finding(f"extra {name}", "ok", "installed")


def languages() -> Finding:
    """Say whether text and file names pass as UTF-8 here; what ffstats itself writes is UTF-8 in any locale."""
    names, text = sys.getfilesystemencoding(), locale.getpreferredencoding(False)
    found = f"{locale.setlocale(locale.LC_CTYPE) or 'C'}, file names {names}, text {text}"
    if names.replace("-", "").lower() != "utf8":
        return Finding("locale", "broken", found, "Set LC_ALL=C.UTF-8 (or another UTF-8 locale): file names must be UTF-8.")
    if text.replace("-", "").lower() != "utf8":
        return Finding("locale", "note", found, "Notebooks of your own that open files without an encoding are safer with PYTHONUTF8=1.")
    return Finding("locale", "ok", found)


def fonts() -> Finding:
    """Draw a word and say whether it came out in a font: figures use the one that the renderer carries."""
    chart = {"mark": "text", "encoding": {"text": {"value": "40,000"}}, "data": {"values": [{}]}}
    try:
        import vl_convert

        svg = vl_convert.vegalite_to_svg(chart)
        png = vl_convert.svg_to_png(svg)
    except (ImportError, ValueError, OSError) as error:
        return Finding("fonts", "broken", f"the renderer does not draw ({error})", "Install ffstats again: vl-convert-python is damaged.")
    if "40,000" not in svg or len(png) < 200:
        return Finding("fonts", "broken", "the renderer draws no text", "Install ffstats again: vl-convert-python carries the font.")
    return Finding("fonts", "ok", "the renderer draws text with the font that it carries")


def kernel() -> Finding:
    """Start a kernel in a process of its own, let it add two numbers, and say how long that took."""
    code = (
        "import sys; from jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel(kernel_name='python3', startup_timeout=50)\n"
        "said = []\n"
        "client.execute_interactive('print(20000 + 20000)', timeout=50, output_hook=lambda m: said.append(m['content']))\n"
        "client.stop_channels(); manager.shutdown_kernel(now=True)\n"
        "sys.exit(0 if any('40000' in str(part) for part in said) else 'it did not answer')\n"
    )
    started = time.perf_counter()
    remedy = "Run `python -m ipykernel install --sys-prefix`, and allow connections to this machine itself (127.0.0.1)."
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("kernel", "broken", f"does not start ({type(error).__name__})", remedy)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Finding("kernel", "broken", f"does not start: {said}", remedy)
    return Finding("kernel", "ok", f"starts and answers in {time.perf_counter() - started:.1f} s")


def engine() -> Finding:
    """Say which engine runs notebooks here, and why if it is the slower one."""
    from ffstats.notebooks.engine_choice import why_plain

    why = why_plain(None)
    if why:
        return Finding("engine", "note", f"plain kernels ({why})", "Nothing to do: results are the same, only slower.")
    return Finding("engine", "ok", "warm (forked children)")


def writable() -> Iterator[Finding]:
    """Say whether the places that are written to can be."""
    base = paths.work_dir()
    for what, folder in {
        "results": paths.results_dir(),
        "tables": paths.processed_dir(),
        "state": base / ".ffstats",
        "temporary files": Path(tempfile.gettempdir()),
    }.items():
        near = next(place for place in (folder, *folder.parents) if place.exists())
        try:
            with tempfile.TemporaryFile(dir=near):
                yield Finding(f"writing {what}", "ok", paths.shown(folder))
        except OSError as error:
            remedy = "Allow writing there, or name another place: --out, FFSTATS_ROOT or TMPDIR."
            yield Finding(f"writing {what}", "broken", f"{paths.shown(folder)}: {error.strerror}", remedy)


def data() -> Finding:
    """Say whether the raw data are there, and which."""
    if not (paths.raw_dir() / "sources.csv").is_file():
        return Finding("data", "broken", "no raw data", "Install ffstats again, or give commands inside a project.")
    where = "the project's" if paths.project_root() else "the package's own copy"
    return Finding("data", "ok", f"{where}, version {data_version()}")


def browser() -> Finding:
    """Say which browser would open the page."""
    found = [name for name in BROWSERS if shutil.which(name)]
    if found or sys.platform in ("win32", "darwin"):
        return Finding("browser", "ok", ", ".join(found) or "the system's own")
    return Finding("browser", "note", "none known", "To read results/report/index.html here; Debian: apt-get install chromium.")


def disk() -> Finding:
    """Say how much room is left where results are written."""
    base = next(place for place in (paths.work_dir(), *paths.work_dir().parents) if place.exists())
    free = shutil.disk_usage(base).free / 1e6
    found = f"{free:,.0f} MB free"
    if free < NEEDED_MB:
        return Finding("disk", "broken", found, f"Free some room: a run needs up to {NEEDED_MB} MB.")
    return Finding("disk", "ok", found)


CHECKS: tuple[Callable[[], Finding | Iterator[Finding]], ...] = (
    interpreter, versions, extras, languages, data, writable, disk, fonts, kernel, engine, browser,
)  # fmt: skip


def examine() -> Iterator[Finding]:
    """Yield what is found, each thing as soon as it is known; a check that itself fails is a finding, too."""
    for check in CHECKS:
        try:
            found = check()
            yield from (found,) if isinstance(found, Finding) else found
        except Exception as error:
            remedy = "This check itself failed: report it with the text of this line."
            yield Finding(check.__name__, "broken", f"{type(error).__name__}: {error}", remedy)


def data_version() -> str:
    """Return the version of the raw data: the first 12 digits of a hash over every file and its name.

    >>> len(data_version())
    12
    """
    import hashlib

    base, total = paths.raw_dir(), hashlib.sha256()
    for path in sorted(base.rglob("*"), key=lambda path: path.relative_to(base).as_posix()):
        if path.is_file() and not path.name.startswith("."):
            total.update(path.relative_to(base).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


def commit() -> str:
    """Return the commit of the code that runs: of the checkout, or the one that the package was built from; else ""."""
    built = paths.package_dir() / "_data" / "COMMIT"
    if built.is_file():
        return built.read_text(encoding="utf-8").strip()
    checkout = paths.package_dir().parents[1]
    if (checkout / ".git").exists():
        command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""
    return ""


def version() -> str:
    """Return the version of the package, the commit it was taken from, where one is known, and that of the data."""
    try:
        number = metadata.version("ffstats")
    except metadata.PackageNotFoundError:
        number = "not installed"
    known = commit()
    return f"ffstats {number}{f', commit {known}' if known else ''}, data {data_version()}"
