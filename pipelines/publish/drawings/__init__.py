"""The report's pictures, as inline SVG: described in Vega-Lite and drawn by vl-convert, without a browser.

A picture never stands alone: the same figures are in a table beside it, which is what a reader by ear gets.
Colours are Okabe and Ito's, which the colour-blind tell apart; what is told by colour differs in place too.
"""

from pipelines.publish.drawings.all import Drawings, bands, draw, named, over_the_runs

__all__ = ["Drawings", "bands", "draw", "named", "over_the_runs"]
