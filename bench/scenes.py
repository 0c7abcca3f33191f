#!/usr/bin/env python3
"""How well cuts and gradual changes of clips are found: clips are put together here, so that the changes are known.

    python bench/scenes.py [VIDEO_BENCH] [CLIPS] [NATURAL.mp4]     (build/bench/video_bench, 40; needs ffmpeg and Pillow)

A clip is six shots of 1.5 to 4 seconds: slides of text (Pillow), moving pictures of ffmpeg's sources, and, where a natural clip
is given, parts of it, cropped, mirrored or of another hue. Two changes in three are cuts, the others transitions of 0.3 to 1.5
seconds (fades, dissolves, wipes, slides). A cut counts as found within one frame, a transition within its length; what else is
found is false. It prints precision and recall of each, and the frames by which the cuts found were off.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, RATE = 640, 360, 25
SOURCES = ["testsrc2", "mandelbrot", "cellauto", "gradients", "rgbtestsrc", "smptehdbars"]
TRANSITIONS = ["fade", "dissolve", "wipeleft", "slideup", "fadeblack", "smoothright"]
WORDS = "water light energy cell plant force mass charge bond angle sum root graph slope area heat wave sound orbit moon".split()


def slide(chance, file):
    image = Image.new("RGB", (WIDTH, HEIGHT), chance.choice(["white", "white", "#fdf6e3", "#202830"]))
    ink = "#f0f0f0" if image.getpixel((0, 0))[0] < 128 else "#202020"
    pen = ImageDraw.Draw(image)
    pen.text((40, 20), " ".join(chance.sample(WORDS, 3)), ink, ImageFont.load_default(30))
    for line in range(chance.randint(2, 6)):
        pen.text((60, 80 + 42 * line), "• " + " ".join(chance.sample(WORDS, chance.randint(3, 7))), ink, ImageFont.load_default(18))
    image.save(file)


def shot(chance, seconds, folder, number, natural):
    """The arguments of an input, and what makes it one of ours."""
    kind = chance.choice(["slide", "slide", "source"] + (["natural"] * 2 if natural else []))
    if kind == "slide":
        file = os.path.join(folder, f"{number}.png")
        slide(chance, file)
        return ["-loop", "1", "-framerate", str(RATE), "-t", str(seconds), "-i", file], "null"
    if kind == "source":
        return ["-f", "lavfi", "-t", str(seconds), "-i", f"{chance.choice(SOURCES)}=size={WIDTH}x{HEIGHT}:rate={RATE}"], f"hue=h={chance.randint(0, 359)}"
    crop = chance.uniform(0.5, 1)
    filters = f"crop=iw*{crop:.2f}:ih*{crop:.2f}:(iw-ow)*{chance.random():.2f}:(ih-oh)*{chance.random():.2f}"
    if chance.random() < 0.5:
        filters += ",hflip"
    if chance.random() < 0.5:
        filters += f",hue=h={chance.randint(0, 359)}"
    return ["-ss", f"{chance.uniform(0, 1):.2f}", "-t", str(seconds), "-i", natural], filters


def make(chance, file, folder, natural):
    """The clip, and its changes: (seconds of the middle, seconds it takes or 0)."""
    inputs, chains, changes = [], [], []
    lengths = [round(chance.uniform(1.5, 4) * RATE) / RATE for _ in range(6)]
    for i, seconds in enumerate(lengths):
        arguments, own = shot(chance, seconds, folder, i, natural)
        inputs += arguments
        chains.append(f"[{i}:v]{own},scale={WIDTH}:{HEIGHT},fps={RATE},format=yuv420p,setsar=1,settb=1/{RATE},"
                      f"trim=end_frame={round(seconds * RATE)},setpts=PTS-STARTPTS[s{i}]")
    end, so_far = lengths[0], "s0"
    for i in range(1, len(lengths)):
        takes = 0 if chance.random() < 2 / 3 else round(chance.uniform(0.3, 1.2) * RATE) / RATE
        if takes:
            chains.append(f"[{so_far}][s{i}]xfade=transition={chance.choice(TRANSITIONS)}:duration={takes}:offset={end - takes:.2f},fps={RATE},settb=1/{RATE}[j{i}]")
            changes.append((end - takes / 2, takes))
        else:
            chains.append(f"[{so_far}][s{i}]concat=n=2,fps={RATE},settb=1/{RATE}[j{i}]")
            changes.append((end, 0))
        end += lengths[i] - takes
        so_far = f"j{i}"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *inputs, "-filter_complex", ";".join(chains), "-map", f"[{so_far}]",
                    "-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-threads", "1", file], check=True)
    return changes


def main():
    bench = sys.argv[1] if len(sys.argv) > 1 else "build/bench/video_bench"
    clips = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    natural = sys.argv[3] if len(sys.argv) > 3 else None
    cuts = cuts_found = transitions = transitions_found = claimed = 0
    off = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(clips):
            chance = random.Random(number)
            file = os.path.join(folder, "clip.mp4")
            changes = make(chance, file, folder, natural)
            left = json.loads(subprocess.run([bench, file, "1"], capture_output=True, check=True).stdout)["starts"][1:]
            claimed += len(left)
            for at, takes in changes:
                near = min(left, key=lambda t: abs(t - at), default=None)
                found = near is not None and abs(near - at) <= max(takes / 2, 1 / RATE) + 1e-3
                if found:
                    left.remove(near)
                if takes:
                    transitions, transitions_found = transitions + 1, transitions_found + found
                else:
                    cuts, cuts_found = cuts + 1, cuts_found + found
                    if found:
                        by = round((near - at) * RATE)
                        off[by] = off.get(by, 0) + 1
                if not found and "-v" in sys.argv:
                    print(number, f"{at:.2f}", takes, "missed;", "false:", left)
            if left and "-v" in sys.argv:
                print(number, "false:", left, [f"{a:.2f}/{t}" for a, t in changes])
    right = cuts_found + transitions_found
    print(f"{clips} clips: cuts found {cuts_found} of {cuts}, gradual changes {transitions_found} of {transitions}, "
          f"precision {right / max(1, claimed):.3f}, recall {right / max(1, cuts + transitions):.3f}; cuts off by frames: {off}")


if __name__ == "__main__":
    main()
