#!/usr/bin/env python3
"""CPU milliseconds to read images and to resize and crop them as CLIP does, beside Pillow, in alternating rounds.

    pip install pillow numpy
    python bench/images.py [IMAGE_BENCH] [ROUNDS]          (build/bench/image_bench, 5)

The images are made here: noise at every scale, as photographs have it. Pillow opens from memory, converts to RGB, resizes
the shortest edge to 224 (bicubic) and crops. Each round is five images on each side; medians of the rounds are printed.
"""
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
from PIL import Image, __version__

IMAGES = [("photo.jpg", (4000, 3000), "JPEG", {"quality": 90}), ("small.jpg", (1024, 768), "JPEG", {"quality": 90}),
          ("progressive.jpg", (2000, 1500), "JPEG", {"quality": 85, "progressive": True}),
          ("scan.png", (2480, 3508), "PNG", {}), ("photo.webp", (2000, 1500), "WEBP", {"quality": 80}),
          ("scan.tif", (2480, 3508), "TIFF", {"compression": "tiff_lzw"})]


def noise(size):
    random = numpy.random.default_rng(1)
    made = numpy.full((size[1], size[0], 3), 128.0)
    scale = 1
    while scale < max(size):
        coarse = Image.fromarray(random.integers(0, 256, (size[1] // scale + 2, size[0] // scale + 2, 3), numpy.uint8))
        made += (numpy.asarray(coarse.resize(size, Image.Resampling.BICUBIC), float) - 128) * scale ** 0.5 / 24
        scale *= 4
    return Image.fromarray(made.clip(0, 255).astype(numpy.uint8))


def with_pillow(content):
    start = time.process_time()
    image = Image.open(io.BytesIO(content)).convert("RGB")
    read = time.process_time()
    width, height = image.size
    size = (224, 224 * height // width) if width < height else (224 * width // height, 224)
    left, top = (size[0] - 224) // 2, (size[1] - 224) // 2
    image.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + 224, top + 224)).tobytes()
    return 1e3 * (read - start), 1e3 * (time.process_time() - read)


def main():
    bench = sys.argv[1] if len(sys.argv) > 1 else "build/bench/image_bench"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print("| image | ours: read, prepare, ms | Pillow %s: read, prepare, ms | ours ÷ Pillow, images/CPU-s |" % __version__)
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "preprocessor_config.json"), "w") as out:
            out.write('{"image_processor_type": "CLIPImageProcessor"}')
        for name, size, kind, settings in IMAGES:
            file = os.path.join(folder, name)
            noise(size).save(file, kind, **settings)
            content = open(file, "rb").read()
            ours, theirs = [], []
            for _ in range(rounds):
                line = json.loads(subprocess.run([bench, folder, file, "5"], capture_output=True, check=True).stdout)
                ours.append((line["read_ms"], line["prepare_ms"]))
                theirs.append([statistics.median(part) for part in zip(*[with_pillow(content) for _ in range(5)])])
            mine, other = ([statistics.median(part) for part in zip(*side)] for side in (ours, theirs))
            print("| %s, %d × %d | %.1f, %.1f | %.1f, %.1f | %.2f |"
                  % (name, *size, *mine, *other, sum(other) / sum(mine)), flush=True)


if __name__ == "__main__":
    main()
