"""A diagram as SVG: a module beside the next, and what refers to it on its right.

The layout is worked out in whole units, in steps that build on each other: `columns` says which modules stand above
each other, `nets` what refers to what and through which gaps, `stacks` how high everything is, `tracks` where the lines
run side by side, `drawing` writes it down.
"""

from crossdock.schema.diagram.svg.drawing import as_svg

__all__ = ["as_svg"]
