#!/usr/bin/env python3
"""Pictures of lines with their texts, for `chalkstream train ocr-line`: a zip archive with labels.tsv in it.

    bench/line_pictures.py printed --texts examples/submissions.jsonl --fonts /usr/share/fonts/truetype --out printed.zip
    bench/line_pictures.py digits --images train-images-idx3-ubyte.gz --out digits.zip

printed: two to four words of the texts, each line in a font and size of its own, dark on light, a little turned and blurred
(Pillow); with --judged of every fifth text (what has one text_id is one), else of the others. digits: two to eight of MNIST's
training part side by side, closer or wider apart; with --judged out of its last 10,000 pictures, else out of the others. The
same seed makes the same lines. Figures made with them are in docs/quality.md.
"""
import argparse
import gzip
import io
import json
import pathlib
import random
import zipfile

from PIL import Image, ImageDraw, ImageFilter, ImageFont


def printed(options, draw):
    texts = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines()]
    names = sorted({text.get("text_id", text["text"]) for text in texts})
    judged = set(names[::5])
    words = []
    for text in texts:
        if (text.get("text_id", text["text"]) in judged) == options.judged:
            words.append([word for word in text["text"].split() if len(word) <= 20])
    fonts = sorted(path for path in options.fonts.rglob("*.ttf") if not any(
        word in path.name for word in ("Symbol", "Icon", "Emoji", "Math", "Mono-Powerline")))
    for _ in range(options.count):
        text = draw.choice([one for one in words if len(one) >= 4])
        first = draw.randrange(len(text) - 3)
        content = " ".join(text[first : first + draw.randint(2, 4)])
        font = ImageFont.truetype(str(draw.choice(fonts)), draw.randint(22, 40))
        left, top, right, bottom = font.getbbox(content)
        paper, ink = draw.randint(225, 255), draw.randint(0, 90)
        image = Image.new("L", (right - left + draw.randint(8, 24), bottom - top + draw.randint(6, 16)), paper)
        ImageDraw.Draw(image).text((draw.randint(3, 8) - left, draw.randint(2, 6) - top), content, fill=ink, font=font)
        image = image.rotate(draw.uniform(-1, 1), Image.Resampling.BILINEAR, expand=True, fillcolor=paper)
        yield image.filter(ImageFilter.GaussianBlur(draw.uniform(0, 0.8))), content


def digits(options, draw):
    with gzip.open(options.images) as file:
        pixels = file.read()[16:]
    with gzip.open(str(options.images).replace("images-idx3", "labels-idx1")) as file:
        labels = file.read()[8:]
    places = range(len(labels) - 10000, len(labels)) if options.judged else range(len(labels) - 10000)
    for _ in range(options.count):
        chosen = [draw.choice(places) for _ in range(draw.randint(2, 8))]
        step = draw.randint(18, 26)
        image = Image.new("L", (step * (len(chosen) - 1) + 28 + 8, 32))
        for i, place in enumerate(chosen):
            digit = Image.frombytes("L", (28, 28), pixels[784 * place : 784 * (place + 1)])
            at = (4 + i * step + draw.randint(-2, 2), 2 + draw.randint(-2, 2))
            image.paste(digit, at, digit)
        yield image, "".join(str(labels[place]) for place in chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["printed", "digits"])
    parser.add_argument("--texts", type=pathlib.Path)
    parser.add_argument("--fonts", type=pathlib.Path, default=pathlib.Path("/usr/share/fonts/truetype"))
    parser.add_argument("--images", type=pathlib.Path)
    parser.add_argument("--judged", action="store_true")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    rows = ["file\ttext"]
    with zipfile.ZipFile(options.out, "w") as archive:
        made = (printed if options.kind == "printed" else digits)(options, random.Random(options.seed))
        for number, (image, text) in enumerate(made):
            name = f"{number:06}.png"
            content = io.BytesIO()
            image.save(content, "PNG")
            archive.writestr(name, content.getvalue())
            rows.append(f"{name}\t{text}")
        archive.writestr("labels.tsv", "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
