"""Raw rows → canonical records; what cannot be read goes to quarantine with its reason."""

from __future__ import annotations

from pipelines.engine import Artifact
from pipelines.settings import Settings, Source
from pipelines.standardise.people import standardise_people
from pipelines.standardise.verdicts import standardise_verdicts

__all__ = ["standardise"]


def standardise(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """Write one source's canonical table and its quarantine; return the table.

    ``raw`` is ``raw/<source>`` in ``records.raw_schema`` of the layout's fields. A source of people becomes
    ``records/<source>`` (``RECORDS``), one of verdicts ``verdicts/<source>`` (``VERDICTS``);
    ``quarantine/standardise/<source>`` (``QUARANTINE``) is always written. Rows of ``raw`` = rows of the
    table + rows of the quarantine of scope ``row``.
    """
    if settings.engine == "spark":
        from pipelines.standardise import cluster  # which takes Spark's packages, that not every office has

        of_kind = {"verdicts": cluster.standardise_verdicts, "people": cluster.standardise_people}
        return of_kind[source.layout.kind](raw, source, settings)
    if source.layout.kind == "verdicts":
        return standardise_verdicts(raw, source, settings)
    return standardise_people(raw, source, settings)
