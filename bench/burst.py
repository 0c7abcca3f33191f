#!/usr/bin/env python3
"""What a burst of large scans does to a text pipeline beside it: p99 of short answers, without and with the burst.

    python bench/burst.py [ROUNDS] [SECONDS] [RATE]         (3 rounds, 12 seconds each way, 15 texts a second)

One `chalkstream serve` with an embedded broker runs both pipelines: short answers embedded by MiniLM, scans of 4,000 by 4,000
pixels read and shown to the model of digits. In each round the texts come for some seconds alone, and for as long while scans
come as fast as they are taken; the order alternates. It prints p50 and p99 of each, from sending to seeing, the medians of the
rounds' ratios, and how many scans were read.   CHALKSTREAM_PROGRAM, CHALK_DEPS (with models/minilm and models/digits).
"""
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from PIL import Image

ROUNDS, SECONDS, RATE = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 3), (2, 12), (3, 15)))
PROGRAM = os.environ.get("CHALKSTREAM_PROGRAM", "build/chalkstream")
MODELS = os.path.join(os.environ.get("CHALK_DEPS", ".deps"), "models")


def draw_scan(file):
    noise = Image.frombytes("L", (250, 250), random.Random(1).randbytes(250 * 250))
    noise.resize((4000, 4000), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)


def configure(folder):
    with open(os.path.join(folder, "burst.yaml"), "w", encoding="utf-8") as out:
        out.write(f"""kafka: {{brokers: embedded, group: burst}}
monitoring: {{listen: 127.0.0.1:0}}
state_dir: state
engine: {{token_budget: 512}}
models:
  minilm: {{path: {MODELS}/minilm}}
  digits: {{path: {MODELS}/digits}}
pipelines:
  texts: {{kind: embedding, from: texts, to: embedded, model: minilm}}
  scans: {{kind: recognition, from: scans, to: recognised, model: digits, images: {{folders: [.]}}}}
""")
    return out.name


def texts(broker, seconds=SECONDS):
    """p50 and p99 in milliseconds, as `chalkstream bench` has them."""
    done = subprocess.run([PROGRAM, "bench", "--brokers", broker, "--topic", "texts", "--results", "embedded", "--type",
                           "short_answer", "--text-bytes", "300", "--rate", str(RATE), "--count", str(RATE * seconds)],
                          capture_output=True, text=True)
    found = re.search(r"p50 ([\d.]+) (µs|ms|s), p90 .*, p99 ([\d.]+) (µs|ms|s)", done.stdout)
    if done.returncode != 0 or not found:
        raise SystemExit(done.stdout + done.stderr)
    unit = {"µs": 1e-3, "ms": 1, "s": 1e3}
    return float(found[1]) * unit[found[2]], float(found[3]) * unit[found[4]]


def scans(broker, file, stop):
    """Keeps scans coming until it is told to stop: more than are taken."""
    number = 0
    while not stop.is_set():
        lines = [json.dumps({"id": f"{time.time_ns()}-{i}", "learner": f"l{i}", "type": "image", "image": {"uri": "file://" + file}})
                 for i in range(4)]
        subprocess.run(["kcat", "-P", "-b", broker, "-t", "scans"], input="\n".join(lines).encode(), check=True)
        number += len(lines)
        stop.wait(0.4)


def read_scans(metrics):
    page = subprocess.run(["curl", "-s", metrics], capture_output=True, text=True, check=True).stdout
    return sum(float(n) for n in re.findall(r'chalkstream_results_total\{[^}]*pipeline="scans"[^}]*\} (\S+)', page))


def main():
    with tempfile.TemporaryDirectory() as folder:
        scan = os.path.join(folder, "scan.jpg")
        draw_scan(scan)
        server = subprocess.Popen([PROGRAM, "serve", "--config", configure(folder)], stdout=subprocess.PIPE, text=True)
        try:
            broker, metrics = re.search(r"brokers (\S+), metrics (\S+)", server.stdout.readline()).groups()
            texts(broker, 3)  # warms up
            ratios = []
            print("| round | alone: p50, p99, ms | beside scans: p50, p99, ms | p99 ÷ | scans read |\n|---|---|---|---|---|")
            for number in range(ROUNDS):
                measured, seen = {}, 0
                for burst in (False, True) if number % 2 == 0 else (True, False):
                    stop, before = threading.Event(), read_scans(metrics)
                    sender = threading.Thread(target=scans, args=(broker, scan, stop))
                    if burst:
                        sender.start()
                        time.sleep(1)
                    measured[burst] = texts(broker)
                    if burst:
                        stop.set()
                        sender.join()
                        seen = read_scans(metrics) - before
                        while True:  # until the burst is over
                            left = read_scans(metrics)
                            time.sleep(2)
                            if read_scans(metrics) == left:
                                break
                ratios.append(measured[True][1] / measured[False][1])
                print("| %d | %.1f, %.1f | %.1f, %.1f | %.2f | %d |" % (number + 1, *measured[False], *measured[True], ratios[-1], seen),
                      flush=True)
            print(f"median of p99 ÷: {statistics.median(ratios):.2f}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main()
