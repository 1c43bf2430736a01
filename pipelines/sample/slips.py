"""What happens to a number on its way: each slip is a function of the number and of ``u`` in [0, 1).

They share nothing with the code that reads numbers; what a slip amounts to is judged in ``truth``.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.sample.chance import one_of, pick


def digit(nik: str, u: float) -> str:
    """One digit is another one."""
    place, u = pick(u, len(nik))
    shift, _ = pick(u, 9)
    return nik[:place] + str((int(nik[place]) + 1 + shift) % 10) + nik[place + 1 :]


def swapped(nik: str, u: float) -> str:
    """Two neighbouring digits that differ change places."""
    places = [i for i in range(len(nik) - 1) if nik[i] != nik[i + 1]]
    if not places:
        return nik
    place = places[pick(u, len(places))[0]]
    return nik[:place] + nik[place + 1] + nik[place] + nik[place + 2 :]


def last_zero(nik: str, _: float) -> str:
    """A spreadsheet kept fifteen digits of sixteen."""
    return nik[:-1] + "0"


def day_sex(nik: str, _: float) -> str:
    """The day of the other sex: 40 more or less."""
    day = int(nik[6:8])
    return f"{nik[:6]}{day - 40 if day > 40 else day + 40:02d}{nik[8:]}"


def length(nik: str, u: float) -> str:
    """A digit lost, or one typed twice."""
    lost, u = pick(u, 3)
    place, _ = pick(u, len(nik))
    return nik[:place] + nik[place + 1 :] if lost else nik[:place] + nik[place] + nik[place:]


def letters(nik: str, u: float) -> str:
    """O for a nought, l or I for a one; one of them or all."""
    places = [i for i, sign in enumerate(nik) if sign in "01"]
    if not places:
        return length(nik, u)
    everywhere, u = pick(u, 3)
    one, u = pick(u, 2)
    chosen = places if everywhere == 0 else [places[pick(u, len(places))[0]]]
    signs = {"0": "O", "1": "lI"[one]}
    return "".join(signs[sign] if i in chosen else sign for i, sign in enumerate(nik))


def as_float(nik: str, u: float) -> str:
    """The way a spreadsheet shows a long number: ``5.30104E+15``, with a comma in an Indonesian one."""
    comma, u = pick(u, 2)
    kept = (5, 5, 5, 2, 9)[pick(u, 5)[0]]
    return f"{nik[0]}{',' if comma else '.'}{nik[1 : 1 + kept]}E+{len(nik) - 1}"


def unfilled(nik: str, u: float) -> str:
    """The region was typed, the rest left for later."""
    way, _ = pick(u, 4)
    return (nik[:6], nik[:4], nik[:6] + "0" * 10, nik[:4] + "0" * 12)[way]


def impossible(nik: str, u: float) -> str:
    """A day, a month or a province that there is not."""
    way, u = pick(u, 4)
    odd, _ = pick(u, 3)
    if way == 0:
        return nik[:6] + ("00", "38", "79")[odd] + nik[8:]
    if way == 1:
        return nik[:8] + ("13", "00", "57")[odd] + nik[10:]
    if way == 2:
        return ("00", "99", "41")[odd] + nik[2:]
    return nik[:6] + ("3002", "3104", "7109")[odd] + nik[10:]


def dressed(nik: str, u: float, width: int | None = None) -> str:
    """The right digits among signs that do no harm, within ``width``."""
    ways = (
        f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}",
        f"{nik[:2]}.{nik[2:4]}.{nik[4:6]}.{nik[6:12]}.{nik[12:]}",
        f"'{nik}",
        f"NIK:{nik}",
        f" {nik}",
        f"{nik} ",
        f"{nik[:6]}-{nik[6:12]}-{nik[12:]}",
        f"NIK: {nik}",
    )
    return one_of(u, [way for way in ways if width is None or len(way) <= width])


def old(nik: str, u: float, regions: Sequence[int]) -> str:
    """A number of former days: another of the ``regions``, the same birth date, another serial."""
    others = [region for region in regions if str(region) != nik[:6]]
    place, u = pick(u, len(others))
    serial, _ = pick(u, 60)
    return f"{others[place]}{nik[6:12]}{1 + serial:04d}"


def invented(nik: str, u: float) -> str:
    """A number made up: another serial of no sense, or another day and month with any serial."""
    way, u = pick(u, 3)
    day, u = pick(u, 28)
    month, u = pick(u, 12)
    serial, _ = pick(u, 8000)
    if way == 0:
        return f"{nik[:12]}{(int(nik[12:]) + 1111 + serial) % 10000:04d}"
    return f"{nik[:6]}{1 + day:02d}{1 + month:02d}{nik[10:12]}{1 + serial % (90 if way == 1 else 9000):04d}"
