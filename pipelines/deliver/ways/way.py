"""What every way can do, and which one a delivery takes."""

from __future__ import annotations

from typing import Protocol

from pipelines.deliver.parcel import Parcel
from pipelines.settings import Delivery, Settings


class NotDelivered(Exception):
    """Why a parcel did not arrive, in one line without a secret; ``passing`` is whether it may in a while."""

    def __init__(self, reason: str, passing: bool = True) -> None:
        super().__init__(" ".join(reason.split())[:300])
        self.passing = passing


class Way(Protocol):
    """One way to one place. All methods raise ``NotDelivered``."""

    def probe(self) -> None:
        """Go there and come back without leaving anything."""

    def there(self, parcel: Parcel) -> bool:
        """Whether this very file lies there; False where the way cannot tell."""

    def send(self, parcel: Parcel) -> str:
        """Bring it there whole, or leave nothing; what the other end said to confirm it."""


def way_of(delivery: Delivery, settings: Settings) -> Way:
    """The way that a delivery takes."""
    if delivery.way == "sftp":
        from pipelines.deliver.ways.sftp import Sftp  # paramiko takes a tenth of a second to import

        return Sftp(delivery)
    if delivery.way == "mail":
        from pipelines.deliver.ways.mail import ByMail

        return ByMail(delivery, settings)
    if delivery.way == "https":
        from pipelines.deliver.ways.https import Https

        return Https(delivery)
    from pipelines.deliver.ways.folder import Folder

    return Folder(delivery)
