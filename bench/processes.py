#!/usr/bin/env python3
"""Several processes of one group over twelve partitions of a real broker, on one machine.

    python bench/processes.py throughput [ROUNDS] [SECONDS]    3 rounds of about 40 s each way
    python bench/processes.py rebalance [SECONDS] [RATE]       8 s before and after each coming and going, 50 records/s

throughput: one process against two, each pinned to a core of its own, on a backlog of texts of 128 tokens for a model in the
shape of BERT-base with random weights. What is told is results a second, by the broker's own clock, from the tenth to the
ninetieth of a hundred.

rebalance: 1, 2, 4, 3, 2 and 1 processes on a steady flow of RATE records a second in every partition, through a small model.
Of each coming and going it tells the longest time between two results of a partition: of those that stayed with their
process, of those that moved, and of all in as long a time before it in which nothing happened. Results say which process
wrote them by their model's version. All must be there once, for a reader of committed ones.

The broker is deploy/kafka's, started for the run; results bear its time (LogAppendTime). Needs kcat, two cores that nothing else
uses, CHALK_DEPS (with models/minilm, whose tokenizer it takes); CHALKSTREAM_PROGRAM is build/chalkstream otherwise.
"""
import atexit
import collections
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import random_bert

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("CHALKSTREAM_PROGRAM", os.path.join(HERE, "../build/chalkstream"))
DEPS = os.environ.get("CHALK_DEPS", os.path.join(HERE, "../.deps"))
KAFKA = os.path.join(HERE, "../deploy/kafka/kafka.sh")
PARTITIONS = 12
CORES = sorted(os.sched_getaffinity(0))
engines = []
atexit.register(lambda: [engine.kill() for engine in engines if engine.poll() is None])


class broker:
    def __init__(self, folder):
        self.data = os.path.join(folder, "kafka")
        said = subprocess.run([KAFKA, "start", "--port", "0", "--data", self.data], capture_output=True, text=True, check=True)
        self.address = re.search(r"on (\S+),", said.stdout)[1]

    def topic(self, name, *settings):
        subprocess.run([KAFKA, "tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.address, "--create",
                        "--topic", name, "--partitions", str(PARTITIONS), *[w for s in settings for w in ("--config", s)]],
                       stdout=subprocess.DEVNULL, check=True)

    def pair(self, name):
        self.topic(name)
        self.topic(name + ".out", "message.timestamp.type=LogAppendTime")

    def committed(self, topic):
        done = subprocess.run(["kcat", "-C", "-b", self.address, "-t", topic, "-o", "beginning", "-e", "-q", "-J",
                               "-X", "isolation.level=read_committed"], capture_output=True, text=True, check=True)
        return [(m["ts"] / 1000, json.loads(m["payload"])) for m in map(json.loads, done.stdout.splitlines())]

    def stop(self):
        subprocess.run([KAFKA, "stop", "--data", self.data], stdout=subprocess.DEVNULL, check=False)


class process:
    """`chalkstream serve` on one core; `name` is its model's version and so stands in every result."""

    def __init__(self, folder, brokers, topic, model, name, core):
        self.name = name
        file = os.path.join(folder, f"{topic}-{name}.yaml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(f"""kafka: {{brokers: "{brokers}", group: {topic}, commit_interval: 20ms}}
monitoring: {{listen: 127.0.0.1:0}}
state_dir: {folder}/state
engine: {{slots: 1, prepare_threads: 1, in_flight: {{records: 64}}}}
models: {{encoder: {{path: {model}, version: {name}}}}}
pipelines: {{bench: {{kind: embedding, from: {topic}, to: {topic}.out, model: encoder, deadline: 12h}}}}
""")
        self.log = open(os.path.join(folder, f"{topic}-{name}.log"), "w", encoding="utf-8")
        self.engine = subprocess.Popen(["taskset", "-c", str(core), PROGRAM, "serve", "--config", file], stdout=subprocess.PIPE,
                                       stderr=self.log, text=True)
        engines.append(self.engine)
        self.metrics = None

    def wait_ready(self):
        line = self.engine.stdout.readline()
        if not line.startswith("ready"):
            raise SystemExit(f"{self.name} did not become ready; {self.log.name} says why")
        self.metrics = re.search(r"metrics (\S+)", line)[1]

    def count(self, metric):
        page = urllib.request.urlopen(self.metrics, timeout=10).read().decode()
        return sum(float(n) for n in re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", page, re.M))

    def leave(self):
        self.engine.send_signal(signal.SIGTERM)
        if self.engine.wait(60) != 0:
            raise SystemExit(f"{self.name} left with {self.engine.returncode}; {self.log.name} says why")
        self.engine.stdout.close()
        self.log.close()


def event(id, words, draw):
    text = " ".join(draw.choices(WORDS, k=words))
    return json.dumps({"id": id, "learner": f"l{draw.randrange(997)}", "type": "essay", "text": text})


WORDS = ("plants make sugar from light and water in their leaves while roots take salts out of the soil so that they grow "
         "towards the sun every day").split()  # each is one token


# --- throughput ------------------------------------------------------------------------------------------------------

def send(brokers, topic, lines):
    """An equal share to every partition."""
    for partition in range(PARTITIONS):
        subprocess.run(["kcat", "-P", "-b", brokers, "-t", topic, "-p", str(partition)],
                       input="\n".join(lines[partition::PARTITIONS]).encode(), check=True)


def rate(folder, kafka, model, cores, records, name):
    """Results a second of one process on each of the cores."""
    kafka.pair(name)
    processes = [process(folder, kafka.address, name, model, f"p{core}", core) for core in cores]
    for each in processes:
        each.wait_ready()
    draw = random.Random(7)
    warming = PARTITIONS * 2 * len(cores)
    send(kafka.address, name, [event(f"w{i}", 126, draw) for i in range(warming)])
    while sum(p.count("chalkstream_results_total") for p in processes) < warming:
        time.sleep(0.2)
    idle = [p.name for p in processes if p.count("chalkstream_results_total") == 0]
    if idle:
        raise SystemExit(f"{idle} had no partition")
    send(kafka.address, name, [event(f"e{i}", 126, draw) for i in range(records)])
    while sum(p.count("chalkstream_results_total") for p in processes) < warming + records:
        time.sleep(0.5)
    for each in processes:
        each.leave()
    seen = [(at, result) for at, result in kafka.committed(name + ".out") if result["event"].startswith("e")]
    if len(seen) != records or len({r["event"] for _, r in seen}) != records:
        raise SystemExit(f"{len(seen)} results of {records}")
    times = sorted(at for at, _ in seen)
    first, last = len(times) // 10, len(times) * 9 // 10
    shares = collections.Counter(r["model"]["version"] for _, r in seen)
    return (last - first) / (times[last] - times[first]), shares


def throughput(folder, kafka, rounds=3, seconds=40):
    if len(CORES) < 2:
        raise SystemExit("two cores are needed")
    model = os.path.join(folder, "bertbase")
    random_bert.make(model, os.path.join(DEPS, "models/minilm"))
    guess, _ = rate(folder, kafka, model, CORES[:1], 5 * PARTITIONS, "guess")
    each = max(2, round(guess * seconds / PARTITIONS)) * PARTITIONS
    print(f"| round | one process, results/s | two, results/s | ratio | shares of the two |\n|---|---|---|---|---|", flush=True)
    ratios = []
    for number in range(rounds):
        alone = [CORES[number % 2]]
        measured = {}
        for cores in (alone, CORES[:2]) if number % 2 == 0 else (CORES[:2], alone):
            measured[len(cores)] = rate(folder, kafka, model, cores, each * len(cores), f"round{number}of{len(cores)}")
        (one, _), (two, shares) = measured[1], measured[2]
        ratios.append(two / one)
        print(f"| {number + 1} | {one:.2f} (core {alone[0]}) | {two:.2f} | {two / one:.2f} | "
              f"{', '.join(map(str, shares.values()))} |", flush=True)
    print(f"two processes over one: {sorted(ratios)[len(ratios) // 2]:.2f} (median of {rounds}); the bar is 1.8")


# --- rebalance -------------------------------------------------------------------------------------------------------

class flow:
    """So many records a second into every partition, until it is stopped; ids name the partition."""

    def __init__(self, brokers, topic, rate):
        self.sent, self.interval, self.stopping = 0, 1 / rate, threading.Event()
        self.sinks = [subprocess.Popen(["kcat", "-P", "-b", brokers, "-t", topic, "-p", str(p), "-X", "linger.ms=0"],
                                       stdin=subprocess.PIPE) for p in range(PARTITIONS)]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        draw, due = random.Random(3), time.monotonic()
        while not self.stopping.is_set():
            for p, sink in enumerate(self.sinks):
                # kcat reads 1,024 bytes at a time and would keep a shorter line until more come.
                sink.stdin.write((event(f"{p}-{self.sent}", 8, draw).ljust(1023) + "\n").encode())
                sink.stdin.flush()
            self.sent += 1
            due += self.interval
            time.sleep(max(0, due - time.monotonic()))

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for sink in self.sinks:
            sink.stdin.close()
            sink.wait(30)
        return self.sent * PARTITIONS


def longest_gap(times, begin, end):
    inside = [begin] + [t for t in times if begin <= t <= end] + [end]
    return max(b - a for a, b in zip(inside, inside[1:]))


def owner(results, at):
    """The process that wrote the last result of a partition before that time."""
    return next((name for when, name in reversed(results) if when < at), None)


def come_and_go(folder, kafka, seconds, rate):
    """What happened as (what, begin, end), how many records were sent, (time, process) of each partition's results, and how
    many results each record has."""
    model = os.path.join(folder, "small")
    random_bert.make(model, os.path.join(DEPS, "models/minilm"), 2, 64)
    kafka.pair("flow")

    def start(name, core):
        made = process(folder, kafka.address, "flow", model, name, core)
        made.wait_ready()
        return made
    running = [start("a", CORES[0])]
    stream, happened = flow(kafka.address, "flow", rate), []
    time.sleep(seconds)

    def happens(what, *changes):
        time.sleep(seconds)  # nothing happens in the time before
        begin = time.time()
        for change in changes:
            change()
        time.sleep(seconds)
        happened.append((what, begin, time.time()))
    other = CORES[1 % len(CORES)]
    happens("1 to 2: b joins", lambda: running.append(start("b", other)))
    happens("2 to 4: c and d join", lambda: running.append(start("c", CORES[0])), lambda: running.append(start("d", other)))
    happens("4 to 3: c leaves", lambda: running.pop(2).leave())
    happens("3 to 2: d leaves", lambda: running.pop(2).leave())
    happens("2 to 1: a leaves", lambda: running.pop(0).leave())
    sent = stream.stop()
    patience = time.monotonic() + 120
    while len(kafka.committed("flow.out")) < sent and time.monotonic() < patience:
        time.sleep(1)
    running[0].leave()

    of, ids = collections.defaultdict(list), collections.Counter()
    for at, result in kafka.committed("flow.out"):
        of[int(result["event"].split("-")[0])].append((at, result["model"]["version"]))
        ids[result["event"]] += 1
    for results in of.values():
        results.sort()
    return happened, sent, of, ids


def shares(of, at):
    return dict(sorted(collections.Counter(owner(results, at) for results in of.values()).items()))


def rebalance(folder, kafka, seconds=8, rate=50):
    happened, sent, of, ids = come_and_go(folder, kafka, seconds, rate)

    def longest(among, begin, end):
        return max((1000 * longest_gap([at for at, _ in of[p]], begin, end) for p in among), default=0)
    print("| what | partitions after it | stayed: longest gap, ms | the same before, ms | moved: longest gap, ms |")
    print("|---|---|---|---|---|")
    for what, begin, end in happened:
        stayed = [p for p in of if owner(of[p], begin) == owner(of[p], end)]
        moved = [p for p in of if p not in stayed]
        print(f"| {what} | {', '.join(f'{name} {n}' for name, n in shares(of, end).items())} | "
              f"{longest(stayed, begin, end):.0f} ({len(stayed)}) | {longest(stayed, begin - seconds, begin):.0f} | "
              f"{longest(moved, begin, end):.0f} ({len(moved)}) |")
    print(f"{sent} records sent, {len(ids)} answered, {sum(n - 1 for n in ids.values())} of them more than once")


def main():
    what, numbers = (sys.argv + [""])[1], list(map(int, sys.argv[2:]))
    if what not in ("throughput", "rebalance"):
        raise SystemExit(__doc__)
    folder = tempfile.mkdtemp(prefix="chalkstream-processes-")
    kafka = broker(folder)
    try:
        (throughput if what == "throughput" else rebalance)(folder, kafka, *numbers)
    finally:
        kafka.stop()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
