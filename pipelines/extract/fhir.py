"""FHIR R4 Patients as flat records, so that a layout can map them like any other columns.

A Patient has as many identifiers, extensions and contacts as it likes; each becomes a column called by what
says which it is: ``identifier:<system>``, ``extension:<url>``, ``contact:<relationship>``. Names and
addresses are a list too: the one in use counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.extract.table import Reject, hint

SATUSEHAT = "https://fhir.kemkes.go.id/id/"
"""Where the systems of Indonesian identifiers begin (SATUSEHAT's implementation guide)."""

Record = dict[str, Any]
_EXPECTED = "a FHIR Patient"
_PAST = ("old", "temp")


def entries_of(bundle: Mapping[str, Any]) -> list[object]:
    """The resources of a Bundle, without what the server says of the search itself."""
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return []
    found = []
    for entry in entries:
        if not isinstance(entry, dict):
            found.append(entry)
        elif _mapping(entry.get("search")).get("mode") != "outcome":
            found.append(entry.get("resource"))
    return found


def patients(resource: object, number: int) -> Iterator[Record | Reject]:
    """The one record a resource gives: nothing for resources of other kinds, a reject for what is none."""
    if isinstance(resource, Reject):
        yield resource
    elif not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        yield Reject(number, hint(str(resource or "")), "not_a_record", _EXPECTED)
    elif resource["resourceType"] == "Patient":
        yield flat(resource)


def flat(patient: Mapping[str, Any]) -> Record:
    """One Patient as a flat record.

    >>> flat({"id": "P1", "name": [{"given": ["MARIA"], "family": "BANI"}]})["name"]
    'MARIA BANI'
    """
    address = _used(patient.get("address"))
    record: Record = {
        "id": patient.get("id"),
        "name": _name(patient.get("name")),
        "gender": patient.get("gender"),
        "birthDate": patient.get("birthDate"),
        "address": address.get("text") or _joined(address.get("line")),
        "lastUpdated": _mapping(patient.get("meta")).get("lastUpdated"),
    }
    identifiers = _identifiers(patient)
    if any(name.startswith(f"identifier:{SATUSEHAT}") for name in identifiers):
        # A newborn has its mother's number and none of its own: the column is there all the same.
        record[f"identifier:{SATUSEHAT}nik"] = None
    return record | identifiers | _extensions(patient) | _contacts(patient)


def _identifiers(patient: Mapping[str, Any]) -> Record:
    found: Record = {}
    given = _mappings(patient.get("identifier"))
    for identifier in sorted(given, key=lambda i: i.get("use") in _PAST):
        if identifier.get("system") and identifier.get("value"):
            found.setdefault(f"identifier:{identifier['system']}", identifier["value"])
    return found


def _extensions(patient: Mapping[str, Any]) -> Record:
    found: Record = {}
    for extension in _mappings(patient.get("extension")):
        value = next((v for k, v in extension.items() if k.startswith("value")), None)
        if isinstance(value, dict):
            value = value.get("city") or value.get("text") or value.get("value")
        if extension.get("url") and value is not None:
            found.setdefault(f"extension:{extension['url']}", value)
    return found


def _contacts(patient: Mapping[str, Any]) -> Record:
    """Names of contacts by their relationship's code: ``contact:MTH`` is the mother (HL7 RoleCode)."""
    found: Record = {}
    for contact in _mappings(patient.get("contact")):
        codes = [
            c.get("code") for r in _mappings(contact.get("relationship")) for c in _mappings(r.get("coding"))
        ]
        name = _name([contact.get("name")])
        for code in codes:
            if code and name:
                found.setdefault(f"contact:{code}", name)
    return found


def _name(names: object) -> str | None:
    name = _used(names)
    return name.get("text") or _joined([*_list(name.get("given")), name.get("family")])


def _used(items: object) -> Mapping[str, Any]:
    """Of several names or addresses the official or first one that is still in use."""
    order = {"official": 0, "usual": 1, "old": 8, "temp": 8, "maiden": 9}
    return min(_mappings(items), key=lambda item: order.get(str(item.get("use")), 2), default={})


def _joined(parts: object) -> str | None:
    return " ".join(str(part) for part in _list(parts) if part) or None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]
