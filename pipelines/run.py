"""The whole flow, on one screen: which stage runs after which, and what stops it.

``dags/padan_daily.py`` composes the same stages as Airflow tasks; nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from pipelines.deliver import deliver, undelivered
from pipelines.diagnose import diagnose
from pipelines.engine import Artifact, alone
from pipelines.errors import GateFailed, SourceUnreadable
from pipelines.extract import extract_if_readable
from pipelines.match import match
from pipelines.progress import Watch, unseen
from pipelines.publish import publish
from pipelines.quality import Gates, account, docs
from pipelines.settings import Settings, Source
from pipelines.standardise import standardise
from pipelines.worklist import close, fail, record, worklist


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the published folder, the sources that could not be read and the recipients that could not be
    reached, each with the reason."""

    outbox: Artifact
    unread: dict[str, str]
    undelivered: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when every source was read, else 4."""
        return 4 if self.unread else 0


def run(settings: Settings, watch: Watch = unseen) -> Outcome:
    """Do the whole job for ``settings.run_date``. Raises ``GateFailed``, ``SourceUnreadable`` (registry).

    ``watch`` is put around each stage, for a terminal to show it or a benchmark to measure it. A second run
    of the same office waits until the first has ended.
    """
    with alone(settings.data):
        return _run(settings, watch)


def _run(settings: Settings, watch: Watch) -> Outcome:
    with failure_noted(settings), Gates(settings) as gates, Arrivals(settings, gates, watch) as arrivals:
        (registry,), agencies = arrivals.of([settings.registry]), arrivals.of(settings.sources)
        matches = watch(match)(registry, agencies, settings)
        verdicts = arrivals.of(settings.verdicts)
        findings = watch(diagnose)(matches, registry, agencies, verdicts, settings)
        gates.start("findings", "findings", findings)
        items = watch(worklist)(findings, sorted(arrivals.unread), settings)
        counts = watch(account)(items, sorted(arrivals.unread), settings)
        gates.start("items", "items", items)
        results = watch(gates.settle)()  # until here a gate may stop the run, and nothing outlives it
    watch(docs)(results, settings)
    watch(record)(items, counts, results, settings)
    outbox = watch(publish)(items, counts, results, settings)
    watch(close)(outbox, settings)
    return Outcome(outbox, arrivals.unread, undelivered(watch(deliver)(outbox, settings)))


class Arrivals:
    """Every source on its way, two at a time: extracted, standardised, each table to its gate as soon as it is there.

    ``unread``: of the sources asked for so far those that could not be read, with the reason.
    """

    def __init__(self, settings: Settings, gates: Gates, watch: Watch) -> None:
        self.unread: dict[str, str] = {}
        self._settings, self._gates, self._watch = settings, gates, watch

    def __enter__(self) -> Arrivals:
        self._pool = ThreadPoolExecutor(2, "source")
        self._coming = {s.name: self._pool.submit(self._bring, s) for s in self._settings.everyone}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def of(self, sources: Sequence[Source]) -> list[Artifact]:
        """Wait for these sources' tables; of those that can't be read there is none."""
        came = {source.name: self._coming[source.name].result() for source in sources}
        self.unread |= {name: reason for name, reason in came.items() if isinstance(reason, str)}
        return [table for table in came.values() if isinstance(table, Artifact)]

    def _bring(self, source: Source) -> Artifact | str:
        raw = self._watch(extract_if_readable)(source, self._settings)
        if isinstance(raw, str):
            return raw
        self._gates.start("raw", source.name, raw)
        table = self._watch(standardise)(raw, source, self._settings)
        self._gates.start("records", source.name, table)
        return table


@contextmanager
def failure_noted(settings: Settings) -> Iterator[None]:
    """Whatever stops a run for its data's sake is in the store's history of runs, with the reason."""
    try:
        yield
    except (GateFailed, SourceUnreadable) as error:
        fail(str(error), settings)
        raise


def by_role(
    records: Mapping[str, Artifact], settings: Settings
) -> tuple[Artifact, list[Artifact], list[Artifact]]:
    """The tables that were read, by what they are for: the registry's, the agencies', the verdicts'."""
    agencies = [records[source.name] for source in settings.sources if source.name in records]
    verdicts = [records[source.name] for source in settings.verdicts if source.name in records]
    return records[settings.registry.name], agencies, verdicts
