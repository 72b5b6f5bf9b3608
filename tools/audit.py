"""Ask whether advisories are known for what the locks pin: `make audit`.

The question goes to OSV by pip-audit, which neither resolves nor installs anything: it sends names and versions.
Without a network nothing is asked, and that is said; only --strict makes it an error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300
UNREACHED = ("ConnectionError", "ServiceError", "NameResolution", "Timeout", "ProxyError", "SSLError")


def asked(lock: Path, seconds: int) -> tuple[list[dict[str, Any]] | None, str]:
    """Return what is known of the packages of one lock file, or None and why nothing could be asked."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip",
               "--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no answer in {seconds} seconds"
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        return found, ""
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        if not any(word in done.stderr for word in UNREACHED):
            sys.exit(f"pip-audit failed for {lock.name}, and not for want of a network:\n{done.stderr.strip()}")
        return None, last[:200]


def main() -> None:
    """Ask for every lock file in turn. Exit status 1 if an advisory is known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="fail where the service cannot be reached")
    options = parser.parse_args()
    packages, known, unasked = 0, [], []
    # What only builds the site for a browser is not in a form that pip-audit reads.
    for lock in sorted(path for path in (ROOT / "requirements").glob("*.txt") if path.stem != "pyodide"):
        found, why = asked(lock, SECONDS)
        if found is None:
            unasked.append(lock.name)
            print(f"{lock.name}: NOT AUDITED: the advisory service could not be reached ({why})")
            if len(unasked) == 1 and not packages:
                print("No other lock file was tried. Nothing is known or said of advisories: run make audit with a network.")
                break
            continue
        packages += len(found)
        hits = [(p["name"], p["version"], v) for p in found for v in p.get("vulns", ())]
        known += hits
        print(f"{lock.name}: {len(found)} packages, {len(hits)} advisories")
        for name, version, advisory in hits:
            print(f"  {name} {version}: {advisory['id']}, mended in {', '.join(advisory['fix_versions']) or 'no version yet'}")
    if not unasked:
        print(f"{packages} packages audited, {len(known)} advisories")
    sys.exit(1 if known or (unasked and options.strict) else 0)


if __name__ == "__main__":
    main()
