"""Verdicts that are had by asking: a service is asked about the numbers most in need, within a quota.

``need`` says about which numbers, ``answers`` how a question and an answer read, ``journal`` what was asked
when, ``source`` puts them together as one more input of extract.
"""

from pipelines.extract.asking.source import AskedInput

__all__ = ["AskedInput"]
