"""Each recipient gets the file that is theirs once, by each way, and whatever goes wrong is said and made up for."""

from __future__ import annotations

import json
import stat as mode
from pathlib import Path

import pytest
import trustme

from pipelines.cli import main
from pipelines.deliver import NotDelivered, deliver, published, undelivered, way_of
from pipelines.deliver.log import Log
from pipelines.deliver.parcel import parcels
from pipelines.deliver.ways import folder as folders
from pipelines.errors import PadanError
from pipelines.settings import ConfigError
from tests.deliver.conftest import DAY, NEXT, PLAIN, SEALED, Desk
from tests.deliver.servers import mail_server, sftp_server, web_server

RSUD = "padan-2026-11-24-rsud-naibonat.xlsx.age"


def to_folder(path: str = "share", to: str = "rsud-naibonat") -> str:
    return f'\n[[deliveries]]\nto = "{to}"\nby = "{path}"\n'


def to_sftp(server: object, secret: str = "SFTP", key: str = "", folder: str = "masuk") -> str:
    port, host_key = server.port, key or server.host_key  # type: ignore[attr-defined]
    return (
        f'\n[[deliveries]]\nto = "rsud-naibonat"\nby = "sftp://padan@127.0.0.1:{port}/{folder}"\n'
        f'secret = "env:{secret}"\nhost_key = "{host_key}"\n'
    )


def to_mail(server: object, address: str = "it@rsud.example", secret: str = "MAIL") -> str:
    return (
        f'\n[[deliveries]]\nto = "rsud-naibonat"\nby = "mailto:{address}"\n'
        f'\n[mail]\nserver = "smtp://padan@localhost:{server.port}"\n'  # type: ignore[attr-defined]
        f'sender = "padan@kupangkab.example"\nsecret = "env:{secret}"\n'
    )


def to_web(server: object, secret: str = "WEB", host: str = "localhost") -> str:
    return (
        f'\n[[deliveries]]\nto = "rsud-naibonat"\nby = "https://{host}:{server.port}/masuk/"\n'  # type: ignore[attr-defined]
        f'secret = "env:{secret}"\n'
    )


# --- once, and in the ledger


def test_a_file_goes_to_its_recipient_once_and_the_ledger_says_so(desk: Desk) -> None:
    share = desk.base / "share"
    share.mkdir()
    assert desk.states(to_folder()) == ["delivered"]
    assert (share / RSUD).read_bytes() == SEALED
    assert [kind for kind, _ in desk.events()] == ["delivery_begun", "delivered"]
    (share / RSUD).unlink()  # the recipient has taken it
    assert desk.states(to_folder()) == ["there"]
    assert not list(share.iterdir()), "it is not sent again"
    assert len(desk.events()) == 2


def test_each_gets_its_own_file_and_nobody_elses(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        (desk.base / name).mkdir()
    both = to_folder("a", "rsud-naibonat") + to_folder("b", "dapodik-kupang") + to_folder("c", "dukcapil")
    assert desk.states(both) == ["delivered"] * 3
    assert {p.name: p.read_bytes() for name in "abc" for p in (desk.base / name).iterdir()} == {
        RSUD: SEALED,
        "padan-2026-11-24-dapodik-kupang.xlsx": PLAIN,
        "padan-2026-11-24-dukcapil.xlsx": PLAIN,
    }


def test_the_same_published_again_is_not_sent_again_though_it_is_sealed_anew(desk: Desk) -> None:
    """Sealing is different each time; what is sealed is not."""
    (desk.base / "share").mkdir()
    desk.deliver(to_folder())
    desk.publish(sealed=b"age-encryption.org/v1\n sealed once more")
    assert desk.states(to_folder()) == ["there"]
    desk.publish(worklist=b"item_id\nP-1\n")  # the date was run again, and says something else
    assert desk.states(to_folder()) == ["delivered"]


def test_what_could_not_be_delivered_goes_with_the_next_run(desk: Desk) -> None:
    (row,) = desk.deliver(to_folder())
    assert (row["state"], row["reason"]) == (
        "failed",
        f"no such folder: {desk.base}/share; is the share mounted?",
    )
    (desk.base / "share").mkdir()
    desk.publish(NEXT)
    rows = desk.deliver(to_folder(), NEXT)
    assert [(row["run_date"], row["state"]) for row in rows] == [(DAY, "delivered"), (NEXT, "delivered")]
    assert desk.states(to_folder(), NEXT) == ["there"]
    assert len(list((desk.base / "share").iterdir())) == 2


def test_a_new_recipient_gets_nothing_of_the_past(desk: Desk) -> None:
    (desk.base / "share").mkdir()
    (desk.base / "other").mkdir()
    desk.deliver(to_folder("nowhere"))
    desk.publish(NEXT)
    desk.deliver(to_folder("share") + to_folder("other", "dapodik-kupang"), NEXT)
    assert [path.name for path in (desk.base / "other").iterdir()] == ["padan-2026-11-25-dapodik-kupang.xlsx"]


def test_who_was_not_reached_is_named_with_the_reason(desk: Desk) -> None:
    settings = desk.settings(to_folder())
    told = undelivered(deliver(published(settings), settings))
    assert list(told) == [f"rsud-naibonat (2026-11-24, {desk.base}/share)"]


def test_a_run_that_died_while_it_sent(desk: Desk) -> None:
    """Begun, sent, and not noted: the file is found at the other end and not sent again."""
    (desk.base / "share").mkdir()
    settings = desk.settings(to_folder())
    (parcel,) = parcels(settings.outbox / "2026-11-24", settings)
    Log(settings).note("delivery_begun", parcel)
    way_of(parcel.delivery, settings).send(parcel)
    written = (desk.base / "share" / RSUD).stat().st_ino
    assert desk.states(to_folder()) == ["there"]
    assert (desk.base / "share" / RSUD).stat().st_ino == written
    assert desk.events()[-1][1]["said"] == "found there, the same"


def test_a_file_that_is_not_what_was_published_is_not_sent(desk: Desk) -> None:
    (desk.base / "share").mkdir()
    (desk.base / "outbox" / "2026-11-24" / "returns" / "rsud-naibonat.xlsx.age").write_bytes(b"other")
    with pytest.raises(PadanError, match="not what the manifest says"):
        desk.deliver(to_folder())
    assert not list((desk.base / "share").iterdir())


def test_nothing_published_is_nothing_to_deliver(desk: Desk) -> None:
    with pytest.raises(PadanError, match="nothing is published for this date"):
        published(desk.settings(to_folder(), NEXT))


# --- a folder


def test_a_folders_file_is_for_its_group_and_nobody_else(desk: Desk) -> None:
    (desk.base / "share").mkdir()
    desk.deliver(to_folder())
    assert mode.S_IMODE((desk.base / "share" / RSUD).stat().st_mode) == 0o640


def test_a_full_disk_leaves_no_half_a_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.base / "share").mkdir()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.os, "fsync", full)
    (row,) = desk.deliver(to_folder())
    assert row["reason"] == "No space left on device"
    assert not list((desk.base / "share").iterdir())
    monkeypatch.undo()
    assert desk.states(to_folder()) == ["delivered"]


# --- sftp


@pytest.mark.parametrize("secret", ["SFTP", "KEY"])
def test_by_sftp_with_a_password_or_a_key(desk: Desk, secret: str) -> None:
    (desk.base / "sftp" / "masuk").mkdir(parents=True)
    with sftp_server(desk.base / "sftp") as server:
        desk.environ = {**desk.environ, "KEY": server.client_key}
        assert desk.states(to_sftp(server, secret)) == ["delivered"]
        settings = desk.settings(to_sftp(server, secret))
        (parcel,) = parcels(settings.outbox / "2026-11-24", settings)
        assert way_of(parcel.delivery, settings).there(parcel)
    assert [p.read_bytes() for p in (desk.base / "sftp" / "masuk").iterdir()] == [SEALED]
    assert "hunter2" not in json.dumps(desk.events())


def test_a_connection_that_breaks_in_the_middle_of_a_file_is_tried_again(
    desk: Desk, pauses: list[float]
) -> None:
    (desk.base / "sftp" / "masuk").mkdir(parents=True)
    with sftp_server(desk.base / "sftp") as server:
        server.hang_ups = 1
        assert desk.states(to_sftp(server)) == ["delivered"]
    assert pauses == [1.0]
    assert [p.name for p in (desk.base / "sftp" / "masuk").iterdir()] == [RSUD]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret": "WRONG"}, "does not let padan in"),
        ({"folder": "keluar"}, "no such folder on the server"),
        ({"key": "other"}, "not the one that is known: its key is another"),
    ],
)
def test_an_sftp_server_that_will_not_have_it(
    desk: Desk, change: dict[str, str], reason: str, pauses: list[float]
) -> None:
    (desk.base / "sftp" / "masuk").mkdir(parents=True)
    with sftp_server(desk.base / "sftp") as server, sftp_server(desk.base / "sftp") as other:
        if "key" in change:
            change = {"key": other.host_key}
        config = to_sftp(server, **change)
        (row,) = desk.deliver(config)
        settings = desk.settings(config)
        with pytest.raises(NotDelivered, match=reason):
            way_of(settings.deliveries[0], settings).probe()
    assert reason in row["reason"]
    assert pauses == [], "it would be refused again"
    assert not list((desk.base / "sftp" / "masuk").iterdir())


# --- mail


def test_by_mail_sealed_and_with_nothing_personal_in_it(desk: Desk, trusted: trustme.CA) -> None:
    with mail_server(trusted) as server:
        settings = desk.settings(to_mail(server))
        way_of(settings.deliveries[0], settings).probe()
        assert server.mails == [], "a look sends nothing"
        assert desk.states(to_mail(server)) == ["delivered"]
    (mail,) = server.mails
    assert mail["Subject"] == "Padan 2026-11-24: berkas untuk rsud-naibonat"
    assert mail["To"] == "it@rsud.example"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (RSUD, SEALED)
    assert "age -d -i kunci.txt" in mail.get_body().get_content()  # type: ignore[union-attr]
    assert "it@" not in json.dumps(desk.events())


def test_a_busy_mail_server_is_asked_again_under_the_same_message_id(
    desk: Desk, trusted: trustme.CA, pauses: list[float]
) -> None:
    with mail_server(trusted) as server:
        server.answers = ["451 busy"] * 4
        assert desk.states(to_mail(server)) == ["failed"]
        assert pauses == [1.0, 5.0, 20.0]
        desk.deliver(to_mail(server))
        desk.publish(worklist=b"item_id\nP-1\n")
        desk.deliver(to_mail(server))
    first, second = server.mails
    assert first["Message-ID"] != second["Message-ID"], "another edition is another message"
    settings = desk.settings(to_mail(server))
    (parcel,) = parcels(settings.outbox / "2026-11-24", settings)
    assert str(second["Message-ID"]).startswith(f"<{parcel.key[:40]}@")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"address": "nobody@rsud.example"}, "does not take mail for this address"),
        ({"secret": "WRONG"}, "does not let us in"),
    ],
)
def test_a_mail_server_that_will_not_have_it(
    desk: Desk, trusted: trustme.CA, change: dict[str, str], reason: str, pauses: list[float]
) -> None:
    with mail_server(trusted) as server:
        (row,) = desk.deliver(to_mail(server, **change))
    assert reason in row["reason"]
    assert pauses == []


def test_a_mail_server_that_nobody_vouches_for_gets_no_password_and_no_file(
    desk: Desk, authority: trustme.CA
) -> None:
    with mail_server(authority) as server:
        (row,) = desk.deliver(to_mail(server))
    assert row["reason"] == "the mail server's certificate is not trusted"
    assert server.mails == []


# --- https


def test_by_https_confirmed_and_to_be_checked(desk: Desk, trusted: trustme.CA, pauses: list[float]) -> None:
    with web_server(trusted) as server:
        server.answers = [503, 500]
        assert desk.states(to_web(server)) == ["delivered"]
    (upload,) = server.uploads
    assert (upload.path, upload.content) == (f"/masuk/{RSUD}", SEALED)
    assert upload.headers["Repr-Digest"].startswith("sha-256=:")
    assert upload.headers["Idempotency-Key"] == desk.events()[-1][1]["key"]
    assert pauses == [1.0, 5.0]


@pytest.mark.parametrize(
    ("answers", "secret", "reason"),
    [
        ([302], "WEB", "sends us elsewhere"),
        ([413], "WEB", "answered 413"),
        ([], "WRONG", "answered 401"),
    ],
)
def test_a_web_server_that_will_not_have_it(
    desk: Desk, trusted: trustme.CA, answers: list[int], secret: str, reason: str
) -> None:
    with web_server(trusted) as server:
        server.answers = answers
        (row,) = desk.deliver(to_web(server, secret))
    assert reason in row["reason"]
    assert server.uploads == []


def test_a_web_server_that_nobody_vouches_for_gets_no_token(desk: Desk, authority: trustme.CA) -> None:
    with web_server(authority) as server:
        (row,) = desk.deliver(to_web(server))
    assert row["reason"] == "the server's certificate is not trusted"


# --- the configuration


def test_every_mistake_is_listed_at_once(desk: Desk) -> None:
    wrong = """
[[deliveries]]
to = "rsud-soe"
by = "share"

[[deliveries]]
to = "rsud-naibonat"
by = "sftp://host/masuk"

[[deliveries]]
to = "dapodik-kupang"
by = "mailto:kepala@dinas.example"

[[deliveries]]
to = "dukcapil"
by = "ftp://padan:hunter2@host/masuk"
"""
    with pytest.raises(ConfigError) as caught:
        desk.settings(wrong)
    assert caught.value.mistakes == [
        "deliveries to 'rsud-soe': nobody of that name; expected of dukcapil, rsud-naibonat, dapodik-kupang",
        "deliveries to 'rsud-naibonat'.by: expected sftp://user@host/folder",
        "deliveries to 'rsud-naibonat'.secret: missing; expected env:NAME, a password or a key",
        "deliveries to 'rsud-naibonat'.host_key: missing; expected the server's public key, as ssh-keyscan "
        "prints it after the host",
        "deliveries to 'dapodik-kupang': by mail, but there is no [mail]; expected its server and sender",
        "deliveries to 'dapodik-kupang': by mail, but not sealed: anybody on the way can read it; expected "
        "seal_to of dapodik-kupang, or unsealed = true",
        "deliveries to 'dukcapil'.by: a password in the address; expected secret = env:NAME",
        "deliveries to 'dukcapil'.by: no such way (seen: 'ftp'); expected a folder, sftp://, mailto: or https://",
    ]


def test_a_secret_in_the_file_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(ConfigError, match=r"deliveries\[0\]\.secret: a secret in the file") as caught:
        desk.settings(
            '\n[[deliveries]]\nto = "rsud-naibonat"\nby = "https://h.example/"\nsecret = "hunter2"\n'
        )
    assert "hunter2" not in str(caught.value)


def test_nobody_to_deliver_to_costs_nothing(desk: Desk) -> None:
    assert desk.deliver("") == []
    assert not (desk.base / "padan.sqlite").exists()


def test_the_address_that_is_shown_has_no_user(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with sftp_server(tmp_path / "x") as server:
        settings = desk.settings(to_sftp(server))
    assert settings.deliveries[0].place == f"sftp://127.0.0.1:{server.port}/masuk"


# --- the command


def test_padan_deliver_says_what_became_of_each(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.settings(to_folder() + to_folder("share", "dukcapil"))
    words = ["deliver", "--config", str(desk.base / "padan.toml"), "--date", "2026-11-24"]
    assert main(words) == 1
    assert capsys.readouterr().out.count("no such folder") == 2
    (desk.base / "share").mkdir()
    for said in ("delivered\n", "delivered before\n"):
        assert main(words) == 0
        assert capsys.readouterr().out.count(said) == 2


def test_padan_check_tries_each_way_and_leaves_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.settings(to_folder())
    for there in (False, True):
        if there:
            (desk.base / "share").mkdir()
        main(["check", "--config", str(desk.base / "padan.toml")])
        said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("delivery to"))
        assert ("can be reached" in said) is there
    assert not list((desk.base / "share").iterdir())


@pytest.mark.slow
def test_a_run_that_reaches_nobody_is_published_and_says_so(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with kupang.open("a", encoding="utf-8") as config:
        config.write(to_folder("nowhere"))
    assert main(["run", "--config", str(kupang), "--date", "2026-11-24"]) == 0
    told = capsys.readouterr().out
    assert "not sent  rsud-naibonat (2026-11-24, " in told
    assert "it goes with the next run, or by padan deliver" in told
    assert main(["verify", "--config", str(kupang), str(kupang.parent / "outbox" / "2026-11-24")]) == 0


def test_the_guides_configuration_is_read(desk: Desk, authority: trustme.CA) -> None:
    guide = (Path(__file__).parent.parent.parent / "docs" / "deliver.md").read_text(encoding="utf-8")
    shown = guide.split("```toml\n")[1].split("```")[0]
    with sftp_server(desk.base) as server:
        shown = shown.replace(shown.split('host_key = "')[1].split('"')[0], server.host_key)
    desk.environ = {"PADAN_RSUD_SFTP": "x", "PADAN_MAIL": "y"}
    with pytest.raises(ConfigError) as caught:
        desk.settings("\n" + shown)
    assert caught.value.mistakes == [
        "deliveries to 'dapodik-kupang': by mail, but not sealed: anybody on the way can read it; expected "
        "seal_to of dapodik-kupang, or unsealed = true"
    ], "as the guide says of what is not sealed"
