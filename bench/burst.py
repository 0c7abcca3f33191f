#!/usr/bin/env python3
"""What a burst of large scans does to a text pipeline beside it: p99 of short answers, without and with the burst.

    python bench/burst.py [ROUNDS] [SECONDS] [RATE]         (3 rounds, 12 seconds each way, 15 texts a second)

One `chalkstream serve` with an embedded broker runs both pipelines: short answers embedded by MiniLM, scans of 4,000 by 4,000
pixels read and shown to the model of digits. In each round the texts come for some seconds alone, and for as long while ten
scans come each second; the order alternates. What is told is the time from a text's own timestamp to its result's, which is set
before the transaction; the first second of each way is left out.   CHALKSTREAM_PROGRAM, CHALK_DEPS (with models/minilm and models/digits).
"""
import json
import os
import random
import re
import signal
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


def read_topic(broker, topic):
    done = subprocess.run(["kcat", "-C", "-b", broker, "-t", topic, "-J", "-e", "-q"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def texts(broker, seen, seconds=SECONDS):
    """Milliseconds from sending to the result, of each text sent now but those of the first second."""
    done = subprocess.run([PROGRAM, "bench", "--brokers", broker, "--topic", "texts", "--results", "embedded", "--type",
                           "short_answer", "--text-bytes", "300", "--rate", str(RATE), "--count", str(RATE * seconds)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    sent = {json.loads(m["payload"])["id"]: m["ts"] for m in read_topic(broker, "texts")}
    ready = {json.loads(m["payload"])["event"]: m["ts"] for m in read_topic(broker, "embedded")}
    fresh = {id: at for id, at in sent.items() if id not in seen}
    seen.update(fresh)
    start = min(fresh.values()) + 1000
    return [ready[id] - at for id, at in fresh.items() if at >= start]


def share(of, latencies):
    return sorted(latencies)[int(of * (len(latencies) - 1))]


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


def wait_for_rest(metrics):
    """Until no more scans are read: the burst is over."""
    left = -1
    while left != (left := read_scans(metrics)):
        time.sleep(1.5)


def main():
    with tempfile.TemporaryDirectory() as folder:
        scan = os.path.join(folder, "scan.jpg")
        draw_scan(scan)
        server = subprocess.Popen([PROGRAM, "serve", "--config", configure(folder)], stdout=subprocess.PIPE, text=True)
        try:
            broker, metrics = re.search(r"brokers (\S+), metrics (\S+)", server.stdout.readline()).groups()
            sent = set()
            texts(broker, sent, 3)  # warms up
            everything = {False: [], True: []}
            print("| round | alone: p50, p99, ms | beside scans: p50, p99, ms | scans read |\n|---|---|---|---|")
            for number in range(ROUNDS):
                measured, seen = {}, 0
                for burst in (False, True) if number % 2 == 0 else (True, False):
                    stop, before = threading.Event(), read_scans(metrics)
                    sender = threading.Thread(target=scans, args=(broker, scan, stop))
                    if burst:
                        sender.start()
                        time.sleep(1)
                    measured[burst] = texts(broker, sent)
                    everything[burst] += measured[burst]
                    if burst:
                        stop.set()
                        sender.join()
                        seen = read_scans(metrics) - before
                        wait_for_rest(metrics)
                print("| %d | %d, %d | %d, %d | %d |" % (number + 1, *(share(of, measured[burst]) for burst in (False, True) for of in (0.5, 0.99)),
                                                      seen), flush=True)
            alone, beside = (share(0.99, everything[burst]) for burst in (False, True))
            print(f"p99 of all {len(everything[True])} each: {alone} ms alone, {beside} ms beside scans, {beside / alone:.2f}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main()
