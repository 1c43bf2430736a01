"""Linkage: whose record is it? Verify the recorded number; where it fails, find the person; say how sure.

The way through: ``people`` loads, ``verify`` compares what is held, ``search`` and ``blocking`` find
candidates, ``comparisons`` (``names``, ``values``, ``numbers``) says what two records are to one another,
``weights`` and ``evidence`` learn what that weighs, ``resolve`` and ``calibrate`` decide, ``twice`` finds who
is there twice, ``link`` strings them together and ``stage`` is the room's door.
"""

from pipelines.match.stage import match

__all__ = ["match"]
