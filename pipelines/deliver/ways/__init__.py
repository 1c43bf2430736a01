"""The ways to somebody: each puts a parcel there whole or not at all, and can say whether it is there."""

from pipelines.deliver.ways.way import NotDelivered, Way, way_of

__all__ = ["NotDelivered", "Way", "way_of"]
