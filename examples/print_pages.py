"""Pages of printed text, as a scanner would have them: what the examples, the tests and bench/ read.

    pip install pillow numpy        (and Debian's fonts-dejavu-core, fonts-liberation)
    python examples/print_pages.py TEXT.txt PAGE.png [FONT] [DPI] [DEGREES] [NOISE]
"""
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = {name: Path("/usr/share/fonts/truetype") / file for name, file in {
    "dejavu-sans": "dejavu/DejaVuSans.ttf",
    "dejavu-serif": "dejavu/DejaVuSerif.ttf",
    "liberation-sans": "liberation/LiberationSans-Regular.ttf",
    "liberation-serif": "liberation/LiberationSerif-Regular.ttf",
    "liberation-mono": "liberation/LiberationMono-Regular.ttf",
}.items()}
A4 = (210 / 25.4, 297 / 25.4)  # inches


def wrapped(text, font, width):
    """The text's lines as they fit; an empty one between paragraphs."""
    lines = []
    for paragraph in text.split("\n\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines += [line, ""]
    return lines[:-1]


def print_pages(text, font="liberation-serif", dpi=150, points=11, degrees=0.0, noise=0.0, seed=1, size=A4, margin=0.8):
    """Yields each page as (grey image, its lines as [text, left, top, right, bottom], before it is turned)."""
    face = ImageFont.truetype(str(FONTS[font]), round(points * dpi / 72))
    width, height = (round(side * dpi) for side in size)
    edge, step = round(margin * dpi), round(points * dpi / 72 * 1.35)
    lines = wrapped(text, face, width - 2 * edge)
    per_page = max((height - 2 * edge) // step, 1)
    random = numpy.random.default_rng(seed)
    for first in range(0, len(lines), per_page):
        page = Image.new("L", (width, height), 250)
        draw = ImageDraw.Draw(page)
        truth = []
        for i, line in enumerate(lines[first:first + per_page]):
            at = (edge, edge + i * step)
            draw.text(at, line, font=face, fill=25)
            if line:
                truth.append([line, *draw.textbbox(at, line, font=face)])
        if degrees:
            page = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=250)
        if noise:
            page = page.filter(ImageFilter.GaussianBlur(0.4))
            grains = random.normal(0, noise, (height, width))
            page = Image.fromarray(numpy.clip(numpy.asarray(page) + grains, 0, 255).astype(numpy.uint8))
        yield page, truth


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    font, dpi, degrees, noise = (sys.argv[3:] + ["liberation-serif", "150", "0", "0"][len(sys.argv) - 3:])[:4]
    pages = print_pages(Path(sys.argv[1]).read_text(), font, int(dpi), degrees=float(degrees), noise=float(noise))
    next(pages)[0].save(sys.argv[2])
