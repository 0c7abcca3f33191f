#!/usr/bin/env python3
"""Frames per CPU-second of reading clips and finding their scenes, beside the command ffmpeg, which only decodes.

    python bench/video.py [VIDEO_BENCH] [ROUNDS]          (build/bench/video_bench, 3; needs the command ffmpeg)

The clips are made here: ten seconds of ffmpeg's own test pictures, another kind every two seconds. Rounds alternate; medians.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

SOURCES = ["testsrc2", "mandelbrot", "life=mold=10:r=25:ratio=0.1:death_color=#C83232:life_color=#00ff00", "testsrc", "rgbtestsrc"]
CLIPS = [("1920 × 1080 H.264", "1920x1080", ["libx264", "-preset", "veryfast"], "mp4"),
         ("1280 × 720 H.264", "1280x720", ["libx264", "-preset", "veryfast"], "mp4"),
         ("1280 × 720 VP9", "1280x720", ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M"], "webm"),
         ("640 × 360 VP8", "640x360", ["libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"], "webm")]


def make(file, size, codec):
    inputs = []
    for source in SOURCES:
        inputs += ["-f", "lavfi", "-t", "2", "-i", source + (":" if "=" in source else "=") + f"size={size}" + ("" if ":r=" in source else ":rate=25")]
    joined = "".join(f"[{i}:v]format=yuv420p,setsar=1[v{i}];" for i in range(len(SOURCES)))
    joined += "".join(f"[v{i}]" for i in range(len(SOURCES))) + f"concat=n={len(SOURCES)}[out]"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *inputs, "-filter_complex", joined, "-map", "[out]", "-c:v", *codec, file],
                   check=True)


def with_ffmpeg(file):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-threads", "1", "-i", file, "-map", "0:v", "-f", "null", "-"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    bench = sys.argv[1] if len(sys.argv) > 1 else "build/bench/video_bench"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()[2]
    print(f"| clip | ours, frames/CPU-s | ffmpeg {version}, frames/CPU-s | ours ÷ ffmpeg |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, size, codec, kind in CLIPS:
            file = os.path.join(folder, "clip." + kind)
            make(file, size, codec)
            ours, theirs = [], []
            for _ in range(rounds):
                seen = json.loads(subprocess.run([bench, file, "1"], capture_output=True, check=True).stdout)
                ours.append(seen["frames"] / seen["cpu_s"])
                theirs.append(seen["frames"] / with_ffmpeg(file))
            mine, other = statistics.median(ours), statistics.median(theirs)
            print(f"| {name} | {mine:.0f} | {other:.0f} | {mine / other:.2f} |", flush=True)


if __name__ == "__main__":
    main()
