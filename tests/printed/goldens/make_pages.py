#!/usr/bin/env python3
"""Makes the pages and pages.json: what they say and where. pip install pillow numpy; see examples/print_pages.py."""
import json
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here.parents[2] / "examples"))
from print_pages import print_pages  # noqa: E402

PAGES = {
    "paragraphs": dict(text="Plants make sugar from light.\n\nWater rises through the stem, and air comes in by the "
                            "leaves. What is left over is oxygen.", font="liberation-serif", size=(4.2, 1.6)),
    "turned": dict(text="The stream rose by 1.2 m in twenty minutes.", font="dejavu-sans", size=(4.2, 0.8), degrees=0.8),
}
truth = {}
for name, wanted in PAGES.items():
    page, lines = next(print_pages(points=12, margin=0.2, **wanted))
    page.point(lambda v: 255 * (v > 128)).convert("1").save(here / f"{name}.pbm")
    truth[name] = lines
(here / "pages.json").write_text(json.dumps(truth, indent=1) + "\n")
