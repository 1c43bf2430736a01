"""Draws a synthetic population with known errors, for the demo, the tests and the benchmarks."""

from pipelines.sample.config import demo, demo_config
from pipelines.sample.data import presets
from pipelines.sample.drawing import draw

__all__ = ["demo", "demo_config", "draw", "presets"]
