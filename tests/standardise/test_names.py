"""Names as clerks, hospitals and schools write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.standardise import names
from pipelines.standardise.text import plain
from pipelines.standardise.titles import AFTER, BARE, BEFORE, CONNECTORS
from tests.standardise.reading import ANY_TEXT, MESSY, read


def name(written: str | None, placeholders: tuple[str, ...] = ()) -> str | None:
    """The standardised name, or ``None``."""
    steps = [{"plain_name": plain("raw")}, *names.concept("name", placeholders)]
    made: str | None = read(steps, raw=written)["name"]
    return made


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MARIA TEFA", "MARIA TEFA"),
        ("Maria  Tefa ", "MARIA TEFA"),
        ("maria\u00a0tefa", "MARIA TEFA"),
        ("Nurhayati", "NURHAYATI"),  # one name is common and complete
        ("José Ximenes", "JOSE XIMENES"),
        ("Jose\u0301 Ximenes", "JOSE XIMENES"),  # the accent as a letter of its own
        ("ＭＡＲＩＡ", "MARIA"),
        ("МАRІА ТЕFА", "MARIA TEFA"),  # half of it Cyrillic, which nobody can see
        ("Μaria", "MARIA"),  # a Greek capital
        ("MARIA\u202eAFET", "MARIAAFET"),  # a mark that turns the direction
        ("ma\u200bria", "MARIA"),
        ("Maria-Goreti", "MARIA GORETI"),
        ("MARIA,GORETI", "MARIA GORETI"),
        ("MARIA (LIA) TEFA", "MARIA LIA TEFA"),
        ("MARIA/LIA", "MARIA LIA"),
        ("M. Yusuf", "M YUSUF"),  # an initial keeps its letter
        ("Marthen L. Bessie", "MARTHEN L BESSIE"),
        ("FRANSISKUS X. ASBANU", "FRANSISKUS X ASBANU"),
        ("MUH. SALEH", "MUH SALEH"),
        ("St. Aminah", "ST AMINAH"),  # Siti, not a title
        ("MAR1A TEF0", "MAR1A TEF0"),  # digits typed for letters are for the comparison to weigh
    ],
)
def test_case_space_and_punctuation(written: str, expected: str) -> None:
    assert name(written) == expected


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "`", "´", "ʼ", "＇"])
def test_an_apostrophe_belongs_to_the_clans_name(apostrophe: str) -> None:
    assert name(f"Ma{apostrophe}u") == "MAU"
    assert name(f"Yohanes Ba{apostrophe}a") == "YOHANES BAA"


def test_two_words_of_a_clan_stay_two() -> None:
    assert name("Ester Lay Rihi") == "ESTER LAY RIHI"


@pytest.mark.parametrize(
    "written",
    [
        *("Drs. Maria Tefa", "DRS MARIA TEFA", "Dra. Maria Tefa", "Dr. Maria Tefa", "dr. Maria Tefa"),
        *("drg. Maria Tefa", "Ir. Maria Tefa", "Prof. Dr. Maria Tefa", "Prof. DR. dr. Maria Tefa"),
        *("H. Maria Tefa", "Hj. Maria Tefa", "HJ MARIA TEFA", "H.Maria Tefa", "Drs. H. Maria Tefa"),
        *("Pdt. Maria Tefa", "PDT MARIA TEFA", "Pdm. Maria Tefa", "Ev. Maria Tefa", "Rm. Maria Tefa"),
        *("Sr. Maria Tefa", "Br. Maria Tefa", "Ns. Maria Tefa", "apt. Maria Tefa"),
        *("Tn. Maria Tefa", "Ny. Maria Tefa", "NY MARIA TEFA", "Nn. Maria Tefa", "An. Maria Tefa"),
        *("AN.MARIA TEFA", "Sdr. Maria Tefa", "Sdri. Maria Tefa", "By. Maria Tefa"),
        *("By. Ny. Maria Tefa", "BY NY MARIA TEFA", "BY.NY.MARIA TEFA", "Bayi Ny. Maria Tefa"),
        *("a.n. Maria Tefa", "TN MARIA TEFA", "Ny, Maria Tefa"),
    ],
)
def test_titles_before_a_name(written: str) -> None:
    assert name(written) == "MARIA TEFA"


@pytest.mark.parametrize(
    "written",
    [
        *("Maria Tefa, S.Pd", "Maria Tefa S.Pd", "Maria Tefa, S. Pd.", "MARIA TEFA, SPD", "MARIA TEFA SPD"),
        *("Maria Tefa, S.Pd.SD", "Maria Tefa, S.Pd. SD", "Maria Tefa S.PdSD", "Maria Tefa, SPd.SD"),
        *("Maria Tefa, S.E", "Maria Tefa, SE", "Maria Tefa S.E.", "Maria Tefa,SE.", "Maria Tefa SE."),
        *("Maria Tefa, S.H", "Maria Tefa, SH", "Maria Tefa, SH., M.H.", "Maria Tefa, S.H, M.Hum"),
        *("Maria Tefa, S.Sos", "Maria Tefa, S.Kom", "Maria Tefa, S.T", "Maria Tefa, ST", "Maria Tefa, S.Ag"),
        *("Maria Tefa, S.Th", "Maria Tefa, S.Kep", "Maria Tefa, S.Kep., Ns.", "Maria Tefa, S.Kep, Ns"),
        *("Maria Tefa, M.Pd", "Maria Tefa, S.Pd., M.Pd.", "Maria Tefa S.Pd M.Pd", "Maria Tefa, M.Si"),
        *("Maria Tefa, M.M", "Maria Tefa, SE, MM", "Maria Tefa, SE MM", "Maria Tefa, SE., M.Si."),
        *("Maria Tefa, A.Md", "Maria Tefa, A.Md.Kep", "Maria Tefa, A.Md.Keb", "Maria Tefa, Amd"),
        *("Maria Tefa, AMd.Keb.", "MARIA TEFA AMD", "Maria Tefa, BA", "Maria Tefa, B.A", "Maria Tefa B.A."),
        *("Maria Tefa, Sp.A", "dr. Maria Tefa, Sp.OG", "Maria Tefa, Ph.D"),
        *("Maria Tefa, Ny", "MARIA TEFA, NY.", "MARIA TEFA NY", "Maria Tefa, An", "MARIA TEFA, BY. NY."),
        *("Maria Tefa (Alm)", "Maria Tefa (Almh.)", "Maria Tefa Alm.", "MARIA TEFA ALM", "ALM. MARIA TEFA"),
        *(
            "Maria (Alm) Tefa",
            "(Alm) Maria Tefa",
            "Maria Tefa, Alm",
            "Almarhum Maria Tefa",
            "Almh. Maria Tefa",
        ),
        *("MARIA TEFA (ALMARHUMAH)", "Drs. Maria Tefa, M.Pd", "Pdt. Maria Tefa, S.Th, M.Th", "MARIA TEFA,"),
    ],
)
def test_titles_behind_a_name(written: str) -> None:
    assert name(written) == "MARIA TEFA"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("AN MARIA", "AN MARIA"),
        ("MARIA SE", "MARIA SE"),
        ("H YUSUF", "H YUSUF"),
        ("YUSUF H.", "YUSUF H"),  # behind a name an initial, not a haji
        ("BA MARIA", "BA MARIA"),
        ("MARIA BA", "MARIA BA"),
        ("SR MARIA", "SR MARIA"),
        ("EV MARIA", "EV MARIA"),
        ("MARIA ST", "MARIA ST"),
        ("BY MARIA", "BY MARIA"),
        ("MARIA AN TEFA", "MARIA AN TEFA"),
        ("MARIA H. TEFA", "MARIA H TEFA"),  # in the middle an initial
        ("ANTON", "ANTON"),  # begins with a title's letters
        ("HANS", "HANS"),
        ("DRA", None),
        ("NYOMAN", "NYOMAN"),
        ("MARIA SESILIA", "MARIA SESILIA"),
        ("ALMAIDA", "ALMAIDA"),
        ("SARIPDT", "SARIPDT"),
        ("MARIA S. E. TEFA", "MARIA S E TEFA"),  # initials in the middle
        ("TEFA, MARIA", "TEFA MARIA"),  # family name first
    ],
)
def test_what_may_be_a_name_stays(written: str, expected: str | None) -> None:
    assert name(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Abdul bin Saleh", "ABDUL SALEH"),
        ("Siti binti H. Saleh", "SITI H SALEH"),
        ("Abdul bin Saleh bin Umar", "ABDUL SALEH UMAR"),
        ("Abdul bin bin Saleh", "ABDUL SALEH"),
        ("BINTI", "BINTI"),
        ("ROBINSON TEFA", "ROBINSON TEFA"),
    ],
)
def test_son_of_and_daughter_of_join_no_name(written: str, expected: str) -> None:
    assert name(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", " ", "-", "--", ".", "0", "000", "?", "X", "XXX", "xxxx", "NN", "N.N."),
        *("TIDAK ADA", "Tidak ada", "TIDAK-ADA", "TDK ADA", "BELUM ADA", "TIDAK DIKETAHUI", "NULL", "N/A"),
        *(
            "NO NAME",
            "Tanpa Nama",
            "MR. X",
            "Ny.",
            "By. Ny.",
            "Drs.",
            "H.",
            "(Alm)",
            "NIHIL",
            "BELUM ADA NAMA",
        ),
    ],
)
def test_no_name(written: str | None) -> None:
    assert name(written) is None


def test_a_source_has_placeholders_of_its_own() -> None:
    assert name("DUMMY PASIEN") == "DUMMY PASIEN"
    assert name("Dummy-Pasien", ("dummy pasien",)) is None


def test_na_is_a_name_and_n_slash_a_is_none() -> None:
    assert name("NA") == "NA"
    assert name("N/A") is None


def test_letters_of_another_script_stay() -> None:
    assert name("陳 瑪麗") == "陳 瑪麗"


@given(ANY_TEXT | MESSY)
@example("DRS BIN X")
@example("(DRS) X BIN BIN DRS")
@example("ß ŉ ǅ ﬃ ı İ")
def test_any_text_gives_null_or_clean_words_and_twice_is_once(text: str) -> None:
    made = name(text)
    if made is None:
        return
    assert made == made.strip()
    assert "  " not in made
    assert not re.search(r"[.,;:'\"()/\-`]", made)
    assert made == made.upper() or not made.isascii()
    assert name(made) == made


TITLED = st.sampled_from([t.form + "." for t in BEFORE]), st.sampled_from([f", {t.form}" for t in AFTER])


@given(TITLED[0], TITLED[1], st.sampled_from(["MARIA TEFA", "YOHANES LAY RIHI", "NURHAYATI", "M YUSUF"]))
def test_every_title_in_the_tables_comes_off(before: str, after: str, person: str) -> None:
    assert name(before + " " + person + after) == person
    assert name((before + " " + person + after).title()) == person
    assert name(before + before + person + after + "." + after) == person


@given(st.lists(st.from_regex(r"[A-Z]{3,8}", fullmatch=True), min_size=1, max_size=4))
def test_an_ordinary_name_is_left_alone(parts: list[str]) -> None:
    if BARE.isdisjoint(parts) and CONNECTORS.isdisjoint(parts) and set("".join(parts)) != {"X"}:
        assert name(" ".join(parts)) in (" ".join(parts), None)
        assert name(" ".join(parts)) is not None or " ".join(parts) in ("NULL", "NIHIL", "NONE", "KOSONG")


def test_the_tables_say_what_each_title_stands_for() -> None:
    assert all(title.meaning for title in (*BEFORE, *AFTER))
    assert len({title.form for title in (*BEFORE, *AFTER)}) == len(BEFORE) + len(AFTER)
