"""Padan: finds identity numbers (NIK) that disagree between a civil registry and its agencies.

``pipelines.run`` composes the stages; each sub-package is one stage or one thing the stages share.
"""

__version__ = "0.1.0"
