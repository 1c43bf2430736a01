"""What comes with Padan: known weaknesses of each installed package, and the licence of each that a run needs.

``pip-audit`` asks a service on the internet. Where there is none, that is said, and is no fault; a list that came back
with nobody in it is not taken for a clean one. Licences are read from the packages themselves.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NOT_ASKED = "not audited: the service that knows of weaknesses cannot be reached from here"

REVIEWED = {"pyrage": "MIT"}
"""Licences of packages that do not name theirs where programs look; read in their own LICENSE file."""

FREE = re.compile(
    r"0BSD|Apache|BSD|CC0|ISC|\bMIT\b|MIT-0|Mozilla|MPL|PSF|Python Software Foundation|Unlicense|Zlib|LGPL|Lesser"
)
"""Licences that an office may use and pass on with Padan; of the LGPL's packages none is changed."""


def needed(root: str) -> set[str]:
    """The names of all packages that ``root`` (a requirement) needs here, by way of whatever."""
    seen: set[str] = set()
    waiting = [Requirement(root)]
    while waiting:
        requirement = waiting.pop()
        try:
            found = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            continue
        name = canonicalize_name(requirement.name)
        if name in seen and not requirement.extras:
            continue
        seen.add(name)
        extras = requirement.extras or {""}
        for text in found.requires or ():
            needs = Requirement(text)
            if not needs.marker or any(needs.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needs)
    return seen - {"padan"}


def licence(name: str) -> str:
    """A package's licence as it says itself; ``?`` where it does not."""
    if name in REVIEWED:
        return REVIEWED[name]
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return str(expression)
    classes = [
        line.rpartition("::")[2].strip() for line in about.get_all("Classifier") or () if "License ::" in line
    ]
    named = [one for one in classes if one != "OSI Approved"]
    return " AND ".join(named) or (about.get("License") or "?").partition("\n")[0][:60]


def licences(names: Sequence[str]) -> dict[str, list[str]]:
    """The packages of each licence."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        found[licence(name)].append(name)
    return dict(sorted(found.items()))


def unfree(found: Mapping[str, Sequence[str]]) -> list[str]:
    """Packages whose licence nobody has said yes to, a line each."""
    return [f"{name}: {said}" for said, names in found.items() if not FREE.search(said) for name in names]


def weaknesses(report: Mapping[str, Any]) -> list[str] | None:
    """What ``pip-audit`` found, a line each; ``None`` where it could ask about hardly anything."""
    packages = report["dependencies"]
    skipped = [one for one in packages if "skip_reason" in one]
    if len(skipped) > len(packages) / 2:
        return None
    return [
        f"{one['name']} {one['version']}: {vuln['id']}, fixed in {', '.join(vuln['fix_versions']) or 'no version yet'}"
        for one in packages
        for vuln in one.get("vulns", ())
    ]


def _audit() -> Mapping[str, Any] | None:
    program = Path(sys.executable).with_name("pip-audit")
    options = [
        "--local",
        "--skip-editable",
        "--progress-spinner",
        "off",
        "--timeout",
        "5",
        "--format",
        "json",
    ]
    done = subprocess.run([program, *options], capture_output=True, text=True)
    try:
        report: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return report


def main() -> int:
    """Print both lists; 1 if a package has a known weakness, or a licence that was not said yes to."""
    found = licences(sorted(needed("padan")))
    for said, names in found.items():
        print(f"{said}: {', '.join(names)}")
    problems = [f"licence not reviewed: {line}" for line in unfree(found)]
    report = _audit()
    weak = weaknesses(report) if report else None
    print(NOT_ASKED if weak is None else f"audited: {len(weak)} known weaknesses")
    for line in (*problems, *(weak or ())):
        print(line, file=sys.stderr)
    return bool(problems or weak)


if __name__ == "__main__":
    sys.exit(main())
