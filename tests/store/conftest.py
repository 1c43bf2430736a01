"""What tests of this room share: a fresh store on each server."""

from tests.store.backends import url

__all__ = ["url"]
