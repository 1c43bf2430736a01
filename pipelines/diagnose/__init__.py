"""Why is this number wrong, what would put it right, who has to act: ``matches`` become ``findings``."""

from pipelines.diagnose.stage import diagnose

__all__ = ["diagnose"]
