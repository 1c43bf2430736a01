"""Rows leave a source as they are: files and databases, registry, agencies and verdicts alike.

``extract`` reads a source into ``raw/<source>``, ``probe`` only looks at it. One module in ``readers/`` a
format; layouts say which column is which field.
"""

from pipelines.extract.probe import Probe, probe
from pipelines.extract.stage import extract, extract_if_readable
from pipelines.extract.unchanged import INPUTS

__all__ = ["INPUTS", "Probe", "extract", "extract_if_readable", "probe"]
