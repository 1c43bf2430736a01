"""A mail with the file as its attachment; in subject and text stands nothing about anybody."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from pipelines.deliver.parcel import Parcel
from pipelines.deliver.ways.way import NotDelivered
from pipelines.settings import Delivery, Mail, Settings
from pipelines.tls import is_here, warn

SECONDS = 30.0

TEXTS: Final = {
    "id": (
        "Padan {day}: berkas untuk {to}",
        "Terlampir daftar perbaikan NIK tanggal {day} untuk {to}.\n\n{how}\n\n"
        "Berkas ini dikirim otomatis dan hanya untuk penerimanya.\n",
        "Berkas ini disegel (age); bukalah dengan kunci rahasia Anda: age -d -i kunci.txt -o daftar.xlsx {name}",
        "Berkas ini tidak disegel.",
    ),
    "en": (
        "Padan {day}: the file for {to}",
        "Attached is the list of numbers to correct of {day} for {to}.\n\n{how}\n\n"
        "It was sent by a program and is for its recipient alone.\n",
        "The file is sealed (age); open it with your secret key: age -d -i key.txt -o list.xlsx {name}",
        "The file is not sealed.",
    ),
}
"""Subject, text, and how a sealed or an open file is opened."""


class ByMail:
    """One mail to one address, by the server under ``[mail]``, encrypted unless it is this machine."""

    def __init__(self, delivery: Delivery, settings: Settings) -> None:
        self._to = delivery.by.removeprefix("mailto:")
        self._language = settings.language
        if settings.mail is None:
            raise NotDelivered("there is no [mail] in the configuration", passing=False)
        self._mail: Mail = settings.mail

    def probe(self) -> None:
        """Whether the server lets us in and takes mail from our sender for this address; nothing is sent."""
        with self._connected() as server:
            self._said(server.mail(self._mail.sender), self._mail.sender)
            self._said(server.rcpt(self._to), self._to)
            server.rset()

    def there(self, parcel: Parcel) -> bool:  # noqa: ARG002
        """Nobody can say; a second mail has the same Message-ID, so that the recipient's server can drop it."""
        return False

    def send(self, parcel: Parcel) -> str:
        """Send it; what the server said is not kept, since it may repeat the address."""
        with self._connected() as server:
            refused = server.send_message(self._message(parcel), self._mail.sender, [self._to])
            if refused:
                raise NotDelivered("the server does not take mail for this address", passing=False)
        return f"taken by {urlsplit(self._mail.server).hostname}"

    def _message(self, parcel: Parcel) -> EmailMessage:
        subject, text, sealed, plain = TEXTS[self._language]
        how = sealed if parcel.name.endswith(".age") else plain
        values = {"day": parcel.run_date, "to": parcel.delivery.to, "name": parcel.name}
        message = EmailMessage()
        message["Subject"] = subject.format(**values)
        message["From"], message["To"] = self._mail.sender, self._to
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{parcel.key[:40]}@{self._mail.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.format(how=how.format(**values), **values))
        message.add_attachment(
            parcel.content(), maintype="application", subtype="octet-stream", filename=parcel.name
        )
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        found = urlsplit(self._mail.server)
        host, at_once = found.hostname or "", found.scheme == "smtps"
        context = ssl.create_default_context()
        if self._mail.tls == "off" and not is_here(host):
            warn("mail", 'tls = "off"')
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            server = (
                smtplib.SMTP_SSL(host, found.port or 465, timeout=SECONDS, context=context)
                if at_once
                else smtplib.SMTP(host, found.port or 587, timeout=SECONDS)
            )
            with server:
                server.ehlo()
                if not at_once and (server.has_extn("starttls") or not is_here(host)):
                    server.starttls(context=context)
                    server.ehlo()
                if found.username:
                    server.login(unquote(found.username), self._mail.secret or "")
                yield server
        except smtplib.SMTPAuthenticationError:
            raise NotDelivered("the mail server does not let us in", passing=False) from None
        except smtplib.SMTPRecipientsRefused:
            raise NotDelivered("the mail server does not take mail for this address", passing=False) from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered(
                "the mail server knows no encryption (STARTTLS); nothing is sent", passing=False
            ) from None
        except ssl.SSLCertVerificationError:
            raise NotDelivered("the mail server's certificate is not trusted", passing=False) from None
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(
                f"the mail server said {error.smtp_code}", passing=error.smtp_code < 500
            ) from None
        except (smtplib.SMTPException, OSError, socket.gaierror) as error:
            raise NotDelivered(f"no connection to the mail server: {type(error).__name__}") from None

    @staticmethod
    def _said(answer: tuple[int, bytes], about: str) -> None:
        code, _ = answer
        if code >= 400:
            raise NotDelivered(
                f"the mail server said {code} to {about.rpartition('@')[2]}", passing=code < 500
            )
