#!/usr/bin/env python3
"""MNIST's training part as for somebody who has few digits: few of each, and 10,000 others to judge by.

    bench/scarce_digits.py --images train-images-idx3-ubyte.gz --out FOLDER [--each 100] [--seeds 1,2,3]

Writes IDX files that `chalkstream train` reads: rest (50,000 pictures, for a judge), test (10,000, the same for every
seed), and for each seed few-SEED, `each` of each digit out of rest. Figures made with them are in docs/quality.md.
"""
import argparse
import gzip
import pathlib
import random
import struct


def read(path, header):
    with gzip.open(path) as file:
        return file.read()[header:]


def write(folder, name, places, pixels, labels):
    with gzip.GzipFile(folder / f"{name}-images-idx3-ubyte.gz", "wb", mtime=0) as file:
        file.write(struct.pack(">IIII", 0x803, len(places), 28, 28))
        file.write(b"".join(pixels[784 * i : 784 * (i + 1)] for i in places))
    with gzip.GzipFile(folder / f"{name}-labels-idx1-ubyte.gz", "wb", mtime=0) as file:
        file.write(struct.pack(">II", 0x801, len(places)) + bytes(labels[i] for i in places))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--seeds", default="1,2,3")
    options = parser.parse_args()
    pixels = read(options.images, 16)
    labels = read(str(options.images).replace("images-idx3", "labels-idx1"), 8)
    options.out.mkdir(parents=True, exist_ok=True)
    places = list(range(len(labels)))
    random.Random(0).shuffle(places)
    test, rest = places[:10000], places[10000:]
    write(options.out, "test", test, pixels, labels)
    write(options.out, "rest", rest, pixels, labels)
    for seed in map(int, options.seeds.split(",")):
        order = rest[:]
        random.Random(seed).shuffle(order)
        few = [i for digit in range(10) for i in [p for p in order if labels[p] == digit][: options.each]]
        write(options.out, f"few-{seed}", few, pixels, labels)


if __name__ == "__main__":
    main()
