"""What a process of gates imports, which takes seconds: done once, by the process that those of tests are forks of."""

from pipelines.quality.check import great_expectations
from pipelines.quality.gate import gate

__all__ = ["gate"]

great_expectations()
