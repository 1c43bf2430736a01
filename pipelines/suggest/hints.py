"""What a column's name hints at: the synonyms of every shipped layout, then words that mostly mean a field."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from pipelines.extract.columns import key
from pipelines.layouts import load_layout, shipped

KNOWN, LIKELY = 1.0, 0.7
"""How much a name of a shipped layout says, and a name that only holds a field's usual word."""

_PARENT = r"(?:^|_)(?:ibu|ayah|bapak|wali|mother|father|suami|istri|pj|keluarga)"

WORDS: Final = {
    "record_id": (r"^(?:id|kode)(?:_|$)|(?:^|_)id$|_rm$|rekam_medis|nisn|(?:^|_)uuid", _PARENT),
    "nik": (r"(?:^|_)(?:nik|ktp|e_?ktp)(?:_|$)|induk_kependudukan|identitas", _PARENT),
    "kk": (r"(?:^|_)(?:n?kk|nokk)(?:_|$)|kartu_keluarga", r"(?:^|_)nama"),
    "name": (r"(?:^|_)(?:nama|nm|name)(?:_|$)", _PARENT + r"|kec|kab|prov?|kel|desa|sekolah|jalan|place"),
    "sex": (r"(?:^|_)(?:jk|j_k|sex|gender|kelamin|jenkel|jns_kel|klmin)", _PARENT),
    "birth_place": (r"(?:t(?:e)?mp(?:a)?t?|place).*(?:lahir|lhr|birth)|birth.*place|kota_lahir", _PARENT),
    "birth_date": (r"(?:tgl|tanggal|date|tg).*(?:lahir|lhr|birth)|birth.*date|(?:^|_)dob(?:_|$)", _PARENT),
    "mother_name": (r"(?:^|_)(?:ibu|mother)(?:_|$)", r"nik|ktp|tahun|kerja|didik|hasil|lahir"),
    "mother_nik": (r"(?:nik|ktp).*(?:ibu|mother)|mother.*nik", r"nama"),
    "father_name": (r"(?:^|_)(?:ayah|bapak|father)(?:_|$)", r"nik|ktp|tahun|kerja|didik|hasil|lahir"),
    "father_nik": (r"(?:nik|ktp).*(?:ayah|bapak|father)|father.*nik", r"nama"),
    "address": (r"(?:^|_)(?:alamat|jalan|address)", _PARENT),
    "province_code": (r"(?:no|kd|kode|id)_prop|(?:no|kd|kode|id)_prov", r"nama"),
    "regency_code": (r"(?:no|kd|kode|id)_kab", r"nama"),
    "district_code": (r"(?:no|kd|kode|id)_kec", r"nama"),
    "district_name": (r"(?:^|_)kec(?:amatan)?(?:_|$)|distrik", r"(?:no|kd|kode|id)_kec"),
    "status": (r"status(?:_nik|_hidup|_penduduk)?$", r"kawin|nikah|hub|pekerja"),
    "changed_at": (r"updat|ubah|change|modif|entri", r"(?:^|_)by$|user|oleh"),
}
"""For each field what its column's key usually holds, and what it must not hold."""


@cache
def synonyms() -> dict[str, frozenset[str]]:
    """For each field the keys of every name that some shipped layout of people knows for it."""
    found: dict[str, set[str]] = {}
    for layout in (load_layout(name, Path()) for name in shipped()):
        for field, names in layout.columns.items() if layout.kind == "people" else ():
            found.setdefault(field, set()).update(map(key, names))
    # The registry's key is the number itself; that it is somebody's number says nothing of a key elsewhere.
    found["record_id"] -= found["nik"]
    return {field: frozenset(names) for field, names in found.items()}


def hint(field: str, name: str) -> float:
    """How strongly a column's name speaks for a field, 0 to 1.

    >>> hint("nik", "NO_KTP"), hint("nik", "NIK Pasien"), hint("nik", "nik_ibu")
    (1.0, 0.7, 0.0)
    """
    k = key(name)
    if k in synonyms().get(field, ()):
        return KNOWN
    if any(k in names for other, names in synonyms().items() if other != field):
        return 0.0
    means, never = WORDS[field]
    return LIKELY if re.search(means, k) and not re.search(never, k) else 0.0
