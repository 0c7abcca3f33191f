#!/usr/bin/env python3
"""How much of printed text `infer --task read` reads: characters right, by font, of pages printed and spoilt here.

    pip install pillow numpy        (and Debian's fonts-dejavu-core, fonts-liberation)
    python bench/printed_text.py TEXTS.jsonl… [--program build/chalkstream] [--pages 8] [--dpi 150] [--language eng]
        [--lines split]

Each line of a file has a `text`. Every font prints the first texts that fill a page; pages are turned by up to 0.7
degrees, blurred and given grain, each by its seed. Right is 1 - edit distance / length over text with every run of white
space as one blank and typographic quotes and dashes as plain ones.
"""
import argparse
import base64
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "examples"))
from print_pages import FONTS, print_pages  # noqa: E402

PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})


def distance(a, b):
    """Levenshtein's, a column at a time in the bits of a number (Myers 1999, as Hyyrö 2001 has it)."""
    if not a:
        return len(b)
    places = {}
    for i, c in enumerate(a):
        places[c] = places.get(c, 0) | 1 << i
    mask, last = (1 << len(a)) - 1, 1 << len(a) - 1
    up, down, score = mask, 0, len(a)
    for c in b:
        match = places.get(c, 0)
        across = (((match & up) + up) ^ up) | match | down
        right, left = down | ~(across | up) & mask, across & up
        score += bool(right & last) - bool(left & last)
        right, left = right << 1 | 1, left << 1
        up, down = (left | ~(match | down | right)) & mask, right & (match | down) & mask
    return score


def plain(text):
    return " ".join(text.translate(PLAIN).split())


def texts_of(files):
    for file in files:
        for line in open(file, encoding="utf-8"):
            yield json.loads(line)["text"]


def pages_of(files, font, count, dpi):
    """Whole first pages, each of another text, with other angles and grain."""
    made = 0
    for text in texts_of(files):
        if len(text) < 1200:
            continue
        degrees, noise = (made * 37 % 15 - 7) / 10, 4 + made * 5 % 9
        page, truth = next(print_pages(text, font, dpi, degrees=degrees, noise=noise, seed=made))
        yield page, [line for line, *_ in truth]
        made += 1
        if made == count:
            return


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("files", nargs="+")
    options.add_argument("--program", default=str(root / "build/chalkstream"))
    options.add_argument("--pages", type=int, default=8)
    options.add_argument("--dpi", type=int, default=150)
    options.add_argument("--language", default="eng")
    options.add_argument("--layout", default="page")
    options.add_argument("--lines", default="")
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory() as model:
        pathlib.Path(model, "config.json").write_text(json.dumps(
            {"model_type": "tesseract", "languages": [wanted.language], "layout": wanted.layout}))
        whole_wrong = whole_length = 0
        for font in FONTS:
            truths, asked = [], []
            for page, truth in pages_of(wanted.files, font, wanted.pages, wanted.dpi):
                file = io.BytesIO()
                page.save(file, "PNG")
                asked.append(json.dumps({"id": len(truths), "image": {"data": base64.b64encode(file.getvalue()).decode()}}))
                truths.append(truth)
            began = time.monotonic()
            command = [wanted.program, "infer", "--model", model, "--task", "read", "--slots", "1"]
            answers = subprocess.run(command + (["--lines", wanted.lines] if wanted.lines else []),
                                     input="\n".join(asked), capture_output=True, text=True, check=True).stdout
            took = time.monotonic() - began
            wrong = length = all_lines = 0
            sure = []
            for line in answers.splitlines():
                answer = json.loads(line)
                truth = plain(" ".join(truths[answer["id"]]))
                wrong += distance(truth, plain(answer["text"]))
                length += len(truth)
                all_lines += len(answer["pages"][0]["lines"]) == len(truths[answer["id"]])
                sure.append(answer["confidence"])
            print(f"{font:17} {len(truths)} pages, {length} characters, {100 * (1 - wrong / length):.2f} % right, "
                  f"confidence {min(sure):.2f} to {max(sure):.2f}, as many lines as printed on {all_lines}, {took / len(truths):.2f} s a page", flush=True)
            whole_wrong, whole_length = whole_wrong + wrong, whole_length + length
        print(f"{'all':17} {whole_length} characters, {100 * (1 - whole_wrong / whole_length):.2f} % right")


if __name__ == "__main__":
    main()
