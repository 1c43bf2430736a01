"""Sources one after the other, read while those before are standardised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pipelines.engine import Artifact
from pipelines.errors import SourceUnreadable
from pipelines.extract.stage import extract
from pipelines.settings import Settings, Source


@contextmanager
def reading_ahead(settings: Settings) -> Iterator[Callable[[Source], Artifact | str]]:
    """What each source gives: they are read one after the other while those before are standardised."""
    with ThreadPoolExecutor(2, "extract") as reader:
        reading = {s.name: reader.submit(extract_if_readable, s, settings) for s in settings.everyone}

        def extracted(source: Source) -> Artifact | str:
            return reading[source.name].result()

        try:
            yield extracted
        finally:
            reader.shutdown(cancel_futures=True)


def extract_if_readable(source: Source, settings: Settings) -> Artifact | str:
    """A source's raw table, or the reason why it can't be had; without the registry nothing can be said."""
    try:
        return extract(source, settings)
    except SourceUnreadable as error:
        if source == settings.registry:
            raise
        return error.reason
