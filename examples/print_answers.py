#!/usr/bin/env python3
"""Makes papers.jsonl: short answers of submissions.jsonl as sheets of paper that were scanned, askew, in black and white.

    pip install pillow numpy        (and Debian's fonts-dejavu-core, fonts-liberation)
    python examples/print_answers.py
"""
import base64
import io
import json
from pathlib import Path

from PIL import Image, ImageFilter

from print_pages import FONTS, print_pages

here = Path(__file__).resolve().parent
A6 = (5.83, 4.13)  # inches, on its side


def scanned(page):
    return page.point(lambda v: 255 * (v > 140)).convert("1")


def file_of(pages, kind):
    file = io.BytesIO()
    pages[0].save(file, kind, **({"save_all": True, "append_images": pages[1:], "resolution": 150} if kind == "PDF" else {}))
    return file.getvalue()


def sheets(texts):
    """Yields each answer's name, the file of its scan and the file's media type."""
    for i, text in enumerate(texts):
        font = list(FONTS)[i % len(FONTS)]
        degrees = (i * 5 % 9 - 4) / 4
        page = scanned(next(print_pages(text, font, points=12, degrees=degrees, size=A6, margin=0.5))[0])
        yield f"paper-{i + 1:02}", file_of([page], "PNG"), "image/png"
    half = len(texts[0].split()) // 2
    parts = (" ".join(texts[0].split()[:half]), " ".join(texts[0].split()[half:]))
    two = [scanned(next(print_pages(part, points=12, size=A6, margin=0.5))[0]) for part in parts]
    yield "paper-two-pages", file_of(two, "PDF"), "application/pdf"
    faint = next(print_pages(texts[1], "dejavu-serif", points=12, degrees=2, size=A6, margin=0.5))[0]
    yield "paper-out-of-focus", file_of([scanned(faint.filter(ImageFilter.GaussianBlur(1.4)))], "PNG"), "image/png"
    yield "paper-empty", file_of([Image.new("1", (875, 620), 1)], "PNG"), "image/png"
    yield "paper-cut-off", file_of(two, "PDF")[:2000], "application/pdf"


def main():
    answers = [json.loads(line) for line in (here / "submissions.jsonl").open(encoding="utf-8")]
    answers = [a for a in answers if a["type"] == "short_answer" and a.get("lang") == "en" and a.get("references")]
    chosen = answers[::len(answers) // 14][:14]
    events = {**{f"paper-{i + 1:02}": a for i, a in enumerate(chosen)}, "paper-two-pages": chosen[0],
              "paper-out-of-focus": chosen[1], "paper-empty": chosen[2], "paper-cut-off": chosen[3]}
    with (here / "papers.jsonl").open("w", encoding="utf-8") as out:
        for name, scan, media_type in sheets([a["text"] for a in chosen]):
            event = {key: value for key, value in events[name].items() if key != "text"}
            event |= {"id": name, "type": "image",
                      "image": {"media_type": media_type, "data": base64.b64encode(scan).decode()}}
            out.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
