#!/usr/bin/env python3
"""Draws digits as a hurried hand would: the images of scans.jsonl, and as many more as a model needs to learn them.

    draw_digits.py --folder DIR [--each 150]     DIR/<digit>/<number>.png, for `chalkstream train image-classify`
    draw_digits.py --events FILE                 the events of scans.jsonl

The same seed draws the same images. 28 by 28 pixels, grey, dark ink on light paper. Needs Python alone.
"""
import argparse
import base64
import json
import math
import pathlib
import random
import struct
import zlib

SIDE = 28


def arc(x, y, width, height, start, end, steps=10):
    """Points of an ellipse; degrees, 0 to the right and 90 downwards."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + width * math.cos(a), y + height * math.sin(a)) for a in angles]


# Strokes of each digit in a box of 1 by 1, in two hands where people write it in two ways.
HANDS = {
    0: [[arc(.5, .5, .28, .42, -90, 270, 16)]],
    1: [[[(.35, .28), (.55, .08), (.55, .92)]], [[(.5, .08), (.5, .92)]]],
    2: [[arc(.48, .3, .27, .22, -170, 40) + [(.22, .9), (.8, .9)]]],
    3: [[arc(.45, .29, .27, .21, -150, 90) + arc(.45, .71, .3, .21, -90, 150)]],
    4: [[[(.6, .08), (.2, .62), (.85, .62)], [(.64, .4), (.62, .94)]], [[(.25, .1), (.25, .52), (.75, .52)], [(.75, .1), (.75, .92)]]],
    5: [[[(.75, .1), (.32, .1), (.28, .45)] + arc(.46, .67, .29, .24, -120, 150)]],
    6: [[[(.66, .08), (.4, .32)] + arc(.49, .69, .24, .23, -160, 200, 14)]],
    7: [[[(.2, .1), (.8, .1), (.42, .92)]], [[(.2, .1), (.8, .1), (.42, .92)], [(.35, .5), (.72, .5)]]],
    8: [[arc(.5, .29, .2, .2, 90, -270, 12) + arc(.5, .71, .25, .22, -90, 270, 12)]],
    9: [[arc(.5, .31, .23, .22, 0, -360, 14) + [(.72, .4), (.62, .92)]]],
}


def drawn(strokes, hand):
    """Rows of grey values: the strokes, slanted, stretched, shaken and inked by chance."""
    turn, slant = math.radians(hand.gauss(0, 6)), hand.gauss(0, .15)
    wide, tall = hand.uniform(.7, 1.05), hand.uniform(.8, 1.05)
    dx, dy = hand.gauss(0, .03), hand.gauss(0, .03)
    pen, ink, paper = hand.uniform(.7, 1.5), hand.uniform(0, 70), hand.uniform(225, 255)
    cover = [[0.0] * SIDE for _ in range(SIDE)]

    def placed(point):
        x, y = point[0] - .5 + hand.gauss(0, .012), point[1] - .5 + hand.gauss(0, .012)
        x, y = x * wide - slant * y, y * tall
        x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        return (.5 + x + dx) * (SIDE - 6) + 2.5, (.5 + y + dy) * (SIDE - 6) + 2.5

    for stroke in strokes:
        points = [placed(p) for p in stroke]
        for (ax, ay), (bx, by) in zip(points, points[1:]):
            reach = pen + 1
            length = (bx - ax) ** 2 + (by - ay) ** 2 or 1e-9
            for y in range(max(0, int(min(ay, by) - reach)), min(SIDE, int(max(ay, by) + reach) + 2)):
                for x in range(max(0, int(min(ax, bx) - reach)), min(SIDE, int(max(ax, bx) + reach) + 2)):
                    t = min(1, max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
                    away = math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay))
                    cover[y][x] = max(cover[y][x], min(1, max(0, pen + .5 - away)))
    return [[int(min(255, max(0, paper + (ink - paper) * c + hand.gauss(0, 4)))) for c in row] for row in cover]


def png(rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def digit(number, hand):
    return png(drawn(hand.choice(HANDS[number]), hand))


def scribble(hand):
    points = [(hand.uniform(.1, .9), hand.uniform(.1, .9)) for _ in range(14)]
    return png(drawn([points], hand))


def write_folder(folder, each, seed):
    for number in range(10):
        (folder / str(number)).mkdir(parents=True, exist_ok=True)
        for i in range(each):
            hand = random.Random(f"{seed} {number} {i}")
            (folder / str(number) / f"{i:04}.png").write_bytes(digit(number, hand))


def events(seed):
    hand = random.Random(f"{seed} events")
    for i in range(60):
        number = i % 10
        yield f"scan-{i + 1:03}", i % 12, f"sum-{number}", digit(number, hand)
    yield "scan-061", 3, "sum-4", scribble(hand)
    yield "scan-062", 5, "sum-7", digit(7, hand)[:120]


def write_events(file, seed):
    with file.open("w", encoding="utf-8") as out:
        for name, learner, item, image in events(seed):
            out.write(json.dumps({
                "id": name, "tenant": "river-school", "learner": f"learner-{learner + 1:03}", "course": "MAT1",
                "assignment": "mental-arithmetic", "item": item, "type": "image",
                "image": {"media_type": "image/png", "data": base64.b64encode(image).decode()}},
                separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=150)
    parser.add_argument("--events", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.folder:
        write_folder(asked.folder, asked.each, asked.seed)
    if asked.events:
        write_events(asked.events, asked.seed)
    if not asked.folder and not asked.events:
        parser.error("say --folder or --events")


if __name__ == "__main__":
    main()
