#!/usr/bin/env python3
"""Images per CPU-second through the engine, files in and labels out, against the model alone on pictures ready made.

    python bench/seeing.py [CHALKSTREAM] [SEEING_BENCH] [ROUNDS] [IMAGES]   (build/chalkstream, build/bench/seeing_bench, 3, 48)

The model has the shape of ViT-small (384 wide, 12 layers, patches of 16 in 224 by 224) and random weights; the images are JPEGs of
1024 by 768. `infer` runs on a few images and on as many more as are counted, so that start and loading are not. One slot, one
core; rounds alternate, medians. Needs torch, transformers and Pillow, to make the model and the images.
"""
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile

from PIL import Image

PROGRAM, BENCH = (sys.argv[i] if len(sys.argv) > i else d for i, d in ((1, "build/chalkstream"), (2, "build/bench/seeing_bench")))
ROUNDS, IMAGES = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((3, 3), (4, 48)))
FEW = 4
BATCH = 2  # what the engine puts together of pictures of this size


def make_model(folder):
    import torch
    import transformers
    torch.manual_seed(1)
    config = transformers.ViTConfig(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, intermediate_size=1536,
                                    num_labels=10)
    transformers.ViTForImageClassification(config).eval().save_pretrained(folder)
    with open(os.path.join(folder, "preprocessor_config.json"), "w", encoding="utf-8") as out:
        out.write('{"image_processor_type": "ViTImageProcessor"}')


def make_images(folder):
    for i in range(8):
        noise = Image.frombytes("RGB", (128, 96), random.Random(i).randbytes(128 * 96 * 3))
        noise.resize((1024, 768), Image.Resampling.BICUBIC).save(os.path.join(folder, f"{i}.jpg"), quality=90)


def cpu_of(command, lines):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input="".join(lines).encode(), stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(lines) or any("label" not in answer for answer in answers):
        raise SystemExit("not every image was answered")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def through_engine(model, images):
    line = [json.dumps({"id": str(i), "image": {"uri": os.path.join(images, f"{i % 8}.jpg")}}) + "\n" for i in range(FEW + IMAGES)]
    command = [PROGRAM, "infer", "--model", model, "--task", "classify", "--slots", "1"]
    return IMAGES / (cpu_of(command, line) - cpu_of(command, line[:FEW]))


def alone(model, images):
    done = subprocess.run([BENCH, model, os.path.join(images, "0.jpg"), str(BATCH), str(IMAGES // BATCH)], stdout=subprocess.PIPE,
                          check=True)
    return json.loads(done.stdout)["images_per_cpu_s"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        model, images = os.path.join(folder, "model"), os.path.join(folder, "images")
        os.mkdir(model), os.mkdir(images)
        make_model(model)
        make_images(images)
        rates = {through_engine: [], alone: []}
        for number in range(ROUNDS):
            for measure in sorted(rates, key=lambda m: m.__name__, reverse=number % 2 == 0):
                rates[measure].append(measure(model, images))
        engine, model_alone = statistics.median(rates[through_engine]), statistics.median(rates[alone])
        print(json.dumps({"engine": round(engine, 2), "model_alone": round(model_alone, 2), "ratio": round(engine / model_alone, 3)}))


if __name__ == "__main__":
    main()
