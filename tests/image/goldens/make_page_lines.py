#!/usr/bin/env python3
"""Makes page_lines/: printed pages, and what lines they have. pip install pillow numpy; see examples/print_pages.py."""
import json
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageDraw

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here.parents[2] / "examples"))
from print_pages import print_pages  # noqa: E402

TEXT = ("A river carries more than water. Grains of sand roll along its bed, and clay drifts with the stream until it is "
        "calm enough to sink.\n\nWhere the current slows, it drops what it can no longer hold: first pebbles, then sand, "
        "at last the finest mud. That is why valleys are level and their soil is rich.\n\nYes.")
out = here / "page_lines"
out.mkdir(exist_ok=True)
truth = {}


def page(text=TEXT, **wanted):
    return next(print_pages(text, **{"size": (5, 4), "margin": 0.4, **wanted}))


def keep(name, image, lines, degrees=0.0, suffix="png"):
    grey = image.convert("L")
    if suffix == "png":
        grey = grey.quantize(16)
    grey.save(out / f"{name}.{suffix}", **({"quality": 70} if suffix == "jpg" else {}))
    truth[f"{name}.{suffix}"] = {"degrees": degrees, "lines": lines}


keep("serif", *page())
keep("turned", *page(font="dejavu-sans", degrees=2.3), degrees=2.3)
keep("turned_back", *page(font="liberation-mono", degrees=-3.6), degrees=-3.6)
keep("tight", *page(font="liberation-sans", points=7))
keep("large", *page(TEXT[:60], font="dejavu-serif", points=28))

# Two columns under a heading, in reading order.
left, lines_left = page(TEXT[:140], size=(2.5, 3.4), margin=0.25)
right, lines_right = page(TEXT[142:], size=(2.5, 3.4), margin=0.25)
heading, lines_heading = page("What rivers do", size=(5, 0.8), margin=0.25, points=16)
both = Image.new("L", (750, 630), 250)
for part, at in ((heading, (0, 0)), (left, (0, 120)), (right, (375, 120))):
    both.paste(part, at)
moved = [[text, l + x, t + y, r + x, b + y] for lines, x, y in
         ((lines_heading, 0, 0), (lines_left, 0, 120), (lines_right, 375, 120)) for text, l, t, r, b in lines]
keep("columns", both, moved)

# A ruled sheet: a line under each row of text, and a margin.
ruled, lines = page()
draw = ImageDraw.Draw(ruled)
for row in range(60, 600, 31):
    draw.line([(0, row + 28), (750, row + 28)], fill=150, width=1)
draw.line([(45, 0), (45, 600)], fill=120, width=2)
keep("ruled", ruled, lines)

# A photograph: a shadow from one side, and grain.
photo, lines = page(noise=9)
shade = numpy.linspace(1, 0.45, 750)[None, :]
keep("shadow", Image.fromarray((numpy.asarray(photo) * shade).astype(numpy.uint8)), lines, suffix="jpg")

keep("empty", Image.new("L", (400, 300), 250), [])
(here / "page_lines.json").write_text(json.dumps(truth, indent=1) + "\n")
