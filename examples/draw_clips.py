#!/usr/bin/env python3
"""Draws clips.jsonl: a learner holds up one digit after the other, and a clip that is cut off.

    draw_clips.py --events FILE          needs the command ffmpeg (with libx264)

Digits are those of draw_digits.py, on sheets of 224 by 224 pixels that a hand does not hold quite still; between the last
two the picture dissolves. The same seed draws the same pictures.
"""
import argparse
import base64
import json
import pathlib
import random
import subprocess
import tempfile

import draw_digits

SCALE = 8
SIDE = draw_digits.SIDE * SCALE
RATE = 12  # frames a second
HELD = 20  # frames of a digit
DISSOLVE = 8


def sheet(number, seed):
    hand = random.Random(f"{seed} clip {number}")
    return draw_digits.drawn(hand.choice(draw_digits.HANDS[number]), hand)


def frame(rows, dx, dy):
    """Enlarged, and moved by some pixels; what comes in from beyond the edge is the edge."""
    def place(at, by):
        return min(draw_digits.SIDE - 1, max(0, (at + by) // SCALE))

    columns = [place(x, dx) for x in range(SIDE)]
    return b"".join(bytes(rows[place(y, dy)][x] for x in columns) for y in range(SIDE))


def frames(numbers, seed):
    hand = random.Random(f"{seed} hand {numbers}")
    dx = dy = 0
    sheets = [sheet(n, seed) for n in numbers]
    for i, rows in enumerate(sheets):
        for _ in range(HELD):
            dx, dy = (max(-3, min(3, v + hand.choice((-1, 0, 0, 1)))) for v in (dx, dy))
            yield frame(rows, dx, dy)
        if i == len(sheets) - 2:
            before, after = frame(rows, dx, dy), frame(sheets[-1], dx, dy)
            for step in range(1, DISSOLVE):
                yield bytes((a * (DISSOLVE - step) + b * step) // DISSOLVE for a, b in zip(before, after))


def clip(numbers, seed):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "clip.mp4"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{SIDE}x{SIDE}",
                        "-r", str(RATE), "-i", "-", "-c:v", "libx264", "-preset", "veryslow", "-crf", "30", "-threads", "1",
                        "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact",
                        str(file)], input=b"".join(frames(numbers, seed)), check=True)
        return file.read_bytes()


def events(seed):
    yield "clip-001", 1, "count-up", clip((1, 2, 3, 4), seed)
    yield "clip-002", 4, "count-down", clip((9, 6, 3, 0), seed)
    yield "clip-003", 7, "count-up", clip((2, 4, 6), seed)[:4000]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with asked.events.open("w", encoding="utf-8") as out:
        for name, learner, item, content in events(asked.seed):
            out.write(json.dumps({
                "id": name, "tenant": "river-school", "learner": f"learner-{learner + 1:03}", "course": "MAT1",
                "assignment": "counting", "item": item, "type": "video",
                "video": {"media_type": "video/mp4", "data": base64.b64encode(content).decode()}},
                separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
