"""Each recipient gets the file that is theirs: by a folder, SFTP, mail or https, once, confirmed, and in the ledger."""

from pipelines.deliver.parcel import published
from pipelines.deliver.stage import deliver, undelivered
from pipelines.deliver.ways import NotDelivered, Way, way_of

__all__ = ["NotDelivered", "Way", "deliver", "published", "undelivered", "way_of"]
