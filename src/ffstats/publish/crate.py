"""The rerun as a Workflow Run RO-Crate: which code ran on which files, when, and what came out."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats.errors import ExtraMissing

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

NAME = "ro-crate-metadata.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
# What Python's table of types lacks or has in a way that depends on the system.
TYPES = {
    ".ipynb": "application/x-ipynb+json", ".md": "text/markdown", ".parquet": "application/vnd.apache.parquet",
    ".yml": "application/yaml", ".log": "text/plain", ".tex": "application/x-tex", ".py": "text/x-python",
    ".csv": "text/csv", ".json": "application/json", ".svg": "image/svg+xml", ".sha256": "text/plain",
}  # fmt: skip


def metadata(
    folder: Path,
    workflow: str,
    *,
    name: str,
    description: str,
    started: str,
    finished: str,
    version: str,
    agent: Mapping[str, str],
    notebooks: Mapping[str, Iterable[str]],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """Return the metadata of a crate of all files in a folder, as JSON-LD.

    Parameters: workflow, the path of the main program in the folder; started and finished, ISO 8601; version, of the
    code; agent, name and ORCID of the reviewer, or empty; notebooks, path of each → the outputs it made; titles, of
    outputs, by path. Files below inputs/ are what the run was given, those below outputs/ what it made.
    Raises: ExtraMissing, where rocrate is not installed.
    """
    try:
        from rocrate.model import ComputerLanguage, ContextEntity, SoftwareApplication
        from rocrate.rocrate import ROCrate
    except ImportError as error:
        raise ExtraMissing("The crate needs rocrate", "publish") from error
    crate = ROCrate(version="1.1")
    paths = [
        p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != NAME
    ]
    root = crate.root_dataset
    root["name"], root["description"], root["datePublished"] = name, description, finished
    licence = crate.add(ContextEntity(crate, "#licence", properties={
        "@type": "CreativeWork", "name": "MIT licence for the code; the data as each folder below inputs/raw says",
        "description": "Numbers and locators from published sources; see the README of each source.",
    }))  # fmt: skip
    root["license"] = licence
    profiles = [
        crate.add(
            ContextEntity(
                crate,
                iri,
                properties={"@type": "CreativeWork", "name": title, "version": iri.rsplit("/", 1)[1]},
            )
        )
        for iri, title in PROFILES.items()
    ]
    root["conformsTo"] = profiles
    python = crate.add(ComputerLanguage(crate, "#python", properties={
        "@type": "ComputerLanguage", "name": "Python", "url": {"@id": "https://www.python.org/"}, "alternateName": "Python 3",
    }))  # fmt: skip
    runner = crate.add(SoftwareApplication(crate, "#ffstats", properties={
        "@type": "SoftwareApplication", "name": "ffstats", "softwareVersion": version, "url": {"@id": workflow},
    }))  # fmt: skip
    who = _agent(crate, agent)
    kinds = {path: ["File", "SoftwareSourceCode"] for path in notebooks}
    kinds[workflow] = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    files = {path: _file(crate, folder, path, titles.get(path, ""), kinds.get(path)) for path in paths}
    main = files[workflow]
    main["name"], main["programmingLanguage"], main["version"] = "ffstats reproduce", python, version
    root["mainEntity"] = main
    given, made = (
        _parameter(crate, "raw", "Raw data", "input"),
        _parameter(crate, "results", "Results", "output"),
    )
    main["input"], main["output"] = given, made
    inputs = [files[p] for p in paths if p.startswith("inputs/")]
    outputs = [files[p] for p in paths if p.startswith("outputs/")]
    for entity in inputs:
        entity["exampleOfWork"] = given
    for entity in outputs:
        entity["exampleOfWork"] = made
    when = {
        "startTime": started,
        "endTime": finished,
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    said = {"name": "ffstats reproduce --force in a clean copy", "description": description, **when}
    mentioned = [_action(crate, "#run", said, main, inputs, outputs, who)]
    parts = []
    for number, (path, results) in enumerate(sorted(notebooks.items()), 1):
        notebook = files[path]
        notebook["programmingLanguage"], notebook["version"] = python, version
        parts.append(notebook)
        drawn = [files[p] for p in sorted(results) if p in files]
        said = {
            "name": f"Run of {Path(path).name}",
            "description": "A part of the run, within its times",
            **when,
        }
        mentioned.append(_action(crate, f"#notebook-{number}", said, notebook, inputs, drawn, who))
    main["hasPart"] = [*parts, runner]
    root["mentions"] = mentioned
    found: dict[str, Any] = crate.metadata.generate()
    found["@graph"] = sorted(
        found["@graph"], key=lambda entity: (entity["@id"] not in (NAME, "./"), entity["@id"])
    )
    return found


def _file(crate: ROCrate, folder: Path, path: str, title: str, types: list[str] | None) -> Any:
    kind = TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    size = (folder / path).stat().st_size
    described: dict[str, Any] = {"name": title or path, "encodingFormat": kind, "contentSize": str(size)}
    if types:
        described["@type"] = types
    return crate.add_file(folder / path, path, properties=described)


def _agent(crate: ROCrate, agent: Mapping[str, str]) -> Any:
    from rocrate.model import Person

    if not agent.get("name"):
        return None
    iri = f"https://orcid.org/{agent['ORCID']}" if agent.get("ORCID") else "#reviewer"
    return crate.add(Person(crate, iri, properties={"name": agent["name"]}))


def _parameter(crate: ROCrate, key: str, title: str, way: str) -> Any:
    from rocrate.model import ContextEntity

    conforms = {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"}
    properties = {"@type": "FormalParameter", "name": key, "description": f"{title}, {way} of the run", "additionalType": "File",
                  "conformsTo": conforms, "valueRequired": True, "multipleValues": True}  # fmt: skip
    return crate.add(ContextEntity(crate, f"#{key}", properties=properties))


def _action(
    crate: ROCrate,
    key: str,
    said: Mapping[str, Any],
    instrument: Any,
    given: list[Any],
    made: list[Any],
    who: Any,
) -> Any:
    action = crate.add_action(instrument, identifier=key, object=given, result=made, properties=dict(said))
    if who is not None:
        action["agent"] = who
    return action
