"""The whole flow, on one screen: which stage runs after which, and what stops it.

``dags/padan_daily.py`` composes the same stages as Airflow tasks; nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pipelines.diagnose import diagnose
from pipelines.engine import Artifact
from pipelines.errors import GateFailed, SourceUnreadable
from pipelines.extract import reading_ahead
from pipelines.match import match
from pipelines.progress import Watch, unseen
from pipelines.publish import publish
from pipelines.quality import Gates, account, docs
from pipelines.settings import Settings
from pipelines.standardise import standardise
from pipelines.worklist import close, fail, record, worklist


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the published folder and the sources that could not be read, with the reason."""

    outbox: Artifact
    unread: dict[str, str]

    @property
    def exit_code(self) -> int:
        """0 when every source was read, else 4."""
        return 4 if self.unread else 0


def run(settings: Settings, watch: Watch = unseen) -> Outcome:
    """Do the whole job for ``settings.run_date``. Raises ``GateFailed``, ``SourceUnreadable`` (registry).

    ``watch`` is put around each stage, for a terminal to show it or a benchmark to measure it.
    """
    unread: dict[str, str] = {}
    records: dict[str, Artifact] = {}
    with failure_noted(settings), Gates(settings) as gates, reading_ahead(settings) as extracted:
        for source in settings.everyone:
            raw = watch(extracted)(source)
            if isinstance(raw, str):
                unread[source.name] = raw
                continue
            gates.start("raw", source.name, raw)
            records[source.name] = watch(standardise)(raw, source, settings)
            gates.start("records", source.name, records[source.name])
        registry, agencies, verdicts = by_role(records, settings)
        matches = watch(match)(registry, agencies, settings)
        findings = watch(diagnose)(matches, registry, agencies, verdicts, settings)
        gates.start("findings", "findings", findings)
        watch(gates.settle)()
        items = watch(worklist)(findings, sorted(unread), settings)
        counts = watch(account)(items, sorted(unread), settings)
        gates.start("items", "items", items)
        results = watch(gates.settle)()
    watch(docs)(results, settings)
    watch(record)(items, counts, results, settings)
    outbox = watch(publish)(items, counts, results, settings)
    watch(close)(outbox, settings)
    return Outcome(outbox, unread)


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
