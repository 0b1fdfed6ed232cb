"""Seeing the figures: totals with their coverage, pivots, charts, dashboards, what is out of line, files to take away."""
