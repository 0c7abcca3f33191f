#!/usr/bin/env python3
"""A burst of exam answers, and what the autoscaler makes of it: a real broker, a real Prometheus, real processes.

    python bench/autoscale_burst.py [--calm 12] [--burst 90] [--text-bytes 400] [--seconds 60] [--share 0.25] [--most 5] [--out FILE]

`chalkstream autoscale run --spawn` serves one pipeline of 12 partitions (MiniLM, priority exam, due within OBJECTIVE seconds).
Answers come at the calm rate all the time and, in the middle, at the burst's besides. Each process gets a share of a core once it
is ready (a cgroup, as a container's limit would; it needs root), so that more processes are more speed on a small machine, too.
Written are OUT.json (what Prometheus recorded, and the figures) and OUT.svg. Every record must have one result in the end.
   CHALKSTREAM_PROGRAM, CHALK_DEPS (with models/minilm, kafka and prometheus); kcat.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEPS = os.path.abspath(os.environ.get("CHALK_DEPS", os.path.join(ROOT, ".deps")))
PROGRAM = os.path.abspath(os.environ.get("CHALKSTREAM_PROGRAM", os.path.join(ROOT, "build/chalkstream")))
KAFKA = os.path.join(ROOT, "deploy/kafka/kafka.sh")
OBJECTIVE = 15
QUIET_BEFORE, QUIET_AFTER = 25, 75

SERIES = {
    "processes": "count(chalkstream_in_flight_records{pipeline='exams'}) or vector(0)",
    "wanted": "chalkstream_autoscale_wanted_replicas",
    "waiting": "sum(chalkstream_in_flight_records) + sum(chalkstream_kafka_lag_records)",
    "arriving": "sum(rate(chalkstream_records_total[5s]))",
    "done": "sum(rate(chalkstream_results_total[5s]))",
    "holds": "sum(chalkstream_autoscale_holds_total)",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def configuration(folder, broker, ports, most):
    file = os.path.join(folder, "exams.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(f"""kafka: {{brokers: '{broker}', group: exams, commit_interval: 200ms}}
monitoring: {{listen: '127.0.0.1:{ports["processes"]}'}}
state_dir: state
engine: {{slots: 1, prepare_threads: 1, token_budget: 256, in_flight: {{records: 256}}}}
models:
  minilm: {{path: {DEPS}/models/minilm}}
pipelines:
  exams: {{kind: embedding, from: exams, to: answered, model: minilm, priority: exam, deadline: {OBJECTIVE}s}}
autoscaling:
  mode: processes
  prometheus: http://127.0.0.1:{ports["prometheus"]}
  interval: 1s
  stale_after: 5s
  drain: 3s
  startup: 6s
  replicas: {{min: 1, max: {most}}}
  windows: {{up: 1s, down: 15s}}
""")
    return file


def start_prometheus(folder, ports, most):
    file = os.path.join(folder, "prometheus.yml")
    targets = [f"127.0.0.{n}:{ports['processes']}" for n in range(1, most + 1)] + [f"127.0.0.1:{ports['autoscaler']}"]
    with open(file, "w", encoding="utf-8") as out:
        json.dump({"scrape_configs": [{"job_name": "chalkstream", "scrape_interval": "1s", "scrape_timeout": "1s",
                                       "static_configs": [{"targets": targets}]}]}, out)
    return subprocess.Popen([shutil.which("prometheus") or f"{DEPS}/prometheus/usr/bin/prometheus", f"--config.file={file}",
                             f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{ports['prometheus']}"],
                            stdout=subprocess.DEVNULL, stderr=open(os.path.join(folder, "prometheus.log"), "wb"))


def ask(ports, expression, begin=None, end=None):
    query = {"query": expression} | ({} if begin is None else {"start": begin, "end": end, "step": 1})
    path = "query" if begin is None else "query_range"
    url = f"http://127.0.0.1:{ports['prometheus']}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class Shares(threading.Thread):
    """Gives each process its share of a core as soon as it is ready; notes when processes come and go."""

    def __init__(self, parent, share, most, ports):
        super().__init__(daemon=True)
        self.parent, self.share, self.most, self.ports = parent, share, most, ports
        self.root = "/sys/fs/cgroup/cpu" if os.path.isdir("/sys/fs/cgroup/cpu") else "/sys/fs/cgroup"
        self.bounded, self.came, self.over = {}, [], threading.Event()

    def run(self):
        known = set()
        while not self.over.wait(0.2):
            there = set(children(self.parent))
            self.came += [(time.time(), pid) for pid in there - known]
            known = there
            for pid in there - self.bounded.keys():
                if any(address.endswith("ready") for address in self.ready(pid)):
                    self.bound(pid)

    def ready(self, pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                address = file.read().split(b"\0")[-2].decode()
        except (OSError, IndexError):  # gone, or not yet what it will be
            return
        try:
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=1):
                yield address + " ready"
        except OSError:
            return

    def bound(self, pid):
        group = os.path.join(self.root, f"chalkstream-burst-{pid}")
        os.mkdir(group)
        self.bounded[pid] = group
        if os.path.exists(os.path.join(group, "cpu.max")):
            self.write(group, "cpu.max", f"{int(self.share * 20000)} 20000")
        else:
            self.write(group, "cpu.cfs_period_us", "20000")
            self.write(group, "cpu.cfs_quota_us", str(int(self.share * 20000)))
        self.write(group, "cgroup.procs", str(pid))

    @staticmethod
    def write(group, file, text):
        with open(os.path.join(group, file), "w", encoding="ascii") as out:
            out.write(text)

    def tidy(self):
        self.over.set()
        self.join()
        for group in self.bounded.values():
            os.rmdir(group)


def send(broker, rate, seconds, text_bytes):
    return subprocess.Popen([PROGRAM, "bench", "--brokers", broker, "--topic", "exams", "--results", "answered", "--type",
                             "short_answer", "--text-bytes", str(text_bytes), "--rate", str(rate), "--count", str(int(rate * seconds)),
                             "--timeout", "300"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_topic(broker, topic):
    done = subprocess.run(["kcat", "-C", "-b", broker, "-t", topic, "-J", "-e", "-q", "-X", "isolation.level=read_committed"],
                          capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def quantile(of, values):
    return sorted(values)[min(len(values) - 1, int(of * len(values)))] if values else float("nan")


def run(options, folder):
    ports = {name: free_port() for name in ("processes", "autoscaler", "prometheus")}
    data = os.path.join(folder, "kafka")
    started = subprocess.run([KAFKA, "start", "--port", "0", "--data", data], capture_output=True, text=True, check=True)
    broker = re.search(r"127\.0\.0\.1:\d+", started.stdout).group()
    prometheus = scaler = shares = None
    try:
        for topic in ("exams", "answered", "exams.dead"):
            subprocess.run([KAFKA, "topic", topic, "12", "--data", data], check=True, stdout=subprocess.DEVNULL)
        prometheus = start_prometheus(folder, ports, options.most)
        log = open(os.path.join(folder, "scaler.log"), "wb")
        scaler = subprocess.Popen([PROGRAM, "autoscale", "run", "--spawn", "--config",
                                   configuration(folder, broker, ports, options.most),
                                   "--match", 'job="chalkstream"', "--listen", f"127.0.0.1:{ports['autoscaler']}"],
                                  stdout=log, stderr=log)
        shares = Shares(scaler.pid, options.share, options.most, ports)
        shares.start()
        while not shares.bounded:
            time.sleep(0.2)
            if scaler.poll() is not None:
                raise SystemExit(open(log.name, encoding="utf-8").read())
        total = QUIET_BEFORE + options.seconds + QUIET_AFTER
        begin = time.time()
        calm = send(broker, options.calm, total, options.text_bytes)
        time.sleep(QUIET_BEFORE)
        burst_from = time.time()
        burst = send(broker, options.burst, options.seconds, options.text_bytes)
        says = {"burst": burst.communicate()[0], "all the time": calm.communicate()[0]}
        end = time.time()
        series = {name: [[float(t), float(v)] for t, v in found[0]["values"]]
                  for name, expression in SERIES.items() if (found := ask(ports, expression, begin, end))}
        scaler.send_signal(signal.SIGTERM)
        scaler.wait(timeout=90)
        sent = {json.loads(m["payload"])["id"]: m["ts"] / 1000 for m in read_topic(broker, "exams")}
        results = [(json.loads(m["payload"])["event"], m["ts"] / 1000) for m in read_topic(broker, "answered")]
        dead = len(read_topic(broker, "exams.dead"))
    finally:
        if shares:
            shares.tidy() if scaler.poll() is not None else shares.over.set()
        for process in (scaler, prometheus):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run([KAFKA, "stop", "--data", data], check=False, stdout=subprocess.DEVNULL)
    return {"options": vars(options), "begin": begin, "burst": [burst_from, burst_from + options.seconds], "end": end,
            "series": series, "came": [t for t, _ in shares.came], "says": says, "dead": dead,
            "log": open(os.path.join(folder, "scaler.log"), encoding="utf-8").read(),
            "sent": sent, "results": results}


def figures(seen):
    """What the picture is about, in numbers."""
    counted = {}
    for event, _ in seen["results"]:
        counted[event] = counted.get(event, 0) + 1
    first = {}
    for event, at in seen["results"]:
        first.setdefault(event, at)
    took = {event: first[event] - at for event, at in seen["sent"].items() if event in first}
    inside = [took[e] for e, at in seen["sent"].items() if e in took and seen["burst"][0] <= at < seen["burst"][1]]
    start, stop = seen["burst"]
    processes = seen["series"]["processes"]
    after = [t for t, v in processes if t >= start and v > 1]
    peak = max(v for _, v in processes)
    changes = [b - a for (_, a), (_, b) in zip(seen["series"]["wanted"], seen["series"]["wanted"][1:]) if a != b]
    turns = sum(1 for a, b in zip(changes, changes[1:]) if a * b < 0)
    started = [t - start for t in seen["came"] if t > start]
    return {
        "records sent": len(seen["sent"]), "with a result": len(first), "lost": len(seen["sent"]) - len(first),
        "repeated": sum(n - 1 for n in counted.values()), "dead letters": seen["dead"],
        "seconds from the burst to the first process started": round(min(started), 1) if started else None,
        "seconds from the burst to two processes at work": round(after[0] - start, 1) if after else None,
        "most processes": int(peak), "processes at the end": int(processes[-1][1]),
        "changes of direction": turns, "holds": seen["series"]["holds"][-1][1] - seen["series"]["holds"][0][1],
        "p50 s": round(quantile(0.5, list(took.values())), 2), "p99 s": round(quantile(0.99, list(took.values())), 2),
        "p99 s within the burst": round(quantile(0.99, inside), 2), "objective s": OBJECTIVE,
    }


def draw(seen, numbers, file):
    """Three plots over one time, by hand: no library is needed."""
    width, left, top, height, gap = 860, 60, 44, 130, 34
    begin, end = seen["begin"], seen["end"]
    took = {}
    for event, at in seen["results"]:
        took.setdefault(event, at - seen["sent"].get(event, at))
    per_second = {}
    for event, seconds in took.items():
        per_second.setdefault(int(seen["sent"][event] - begin), []).append(seconds)
    latency = [[begin + second, quantile(0.99, values)] for second, values in sorted(per_second.items())]
    plots = [
        ("processes: at work, and wanted (dashed)", [("processes", "#1f77b4", "", seen["series"]["processes"], True),
                                                     ("wanted", "#d62728", "5 3", seen["series"]["wanted"], True)]),
        ("records a second: read, and done (dashed)", [("arriving", "#2ca02c", "", seen["series"]["arriving"], False),
                                                       ("done", "#9467bd", "5 3", seen["series"]["done"], False)]),
        ("records that wait", [("waiting", "#ff7f0e", "", seen["series"]["waiting"], False)]),
        ("p99 of each second, s, and the objective (dashed)", [("p99", "#1f77b4", "", latency, False),
                                              ("objective", "#888", "5 3", [[begin, OBJECTIVE], [end, OBJECTIVE]], False)]),
    ]
    total = top + len(plots) * (height + gap) + 20
    x = lambda t: left + (t - begin) / (end - begin) * (width - left - 20)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{total}" fill="white"/>',
           f'<text x="{left}" y="20" font-size="14">A burst of exam answers: {numbers["most processes"]} processes at most, '
           f'first one {numbers["seconds from the burst to the first process started"]} s after it began, '
           f'p99 {numbers["p99 s within the burst"]} s</text>']
    for number, (title, lines) in enumerate(plots):
        y0 = top + number * (height + gap)
        largest = max((v for *_, points, _ in lines for _, v in points), default=1) * 1.1 or 1
        y = lambda v: y0 + height - v / largest * height
        a, b = x(seen["burst"][0]), x(seen["burst"][1])
        out.append(f'<rect x="{a:.1f}" y="{y0}" width="{b - a:.1f}" height="{height}" fill="#fff3d6"/>')
        out.append(f'<path d="M{left} {y0}V{y0 + height}H{width - 20}" fill="none" stroke="#444"/>')
        out.append(f'<text x="{left}" y="{y0 - 6}">{title}</text>')
        for tick in (0, largest / 2, largest):
            out.append(f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
        for _, colour, dash, points, stepped in lines:
            path, last = "", None
            for t, v in points:
                path += f"M{x(t):.1f} {y(v):.1f}" if last is None else (
                    f"H{x(t):.1f}V{y(v):.1f}" if stepped else f"L{x(t):.1f} {y(v):.1f}")
                last = v
            out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dash}"/>')
    for second in range(0, int(end - begin) + 1, 20):
        out.append(f'<text x="{x(begin + second):.1f}" y="{total - 22}" text-anchor="middle">{second} s</text>')
    out.append("</svg>")
    with open(file, "w", encoding="utf-8") as svg:
        svg.write("\n".join(out) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calm", type=float, default=12, help="answers a second, all the time")
    parser.add_argument("--burst", type=float, default=90, help="answers a second besides, in the burst")
    parser.add_argument("--text-bytes", type=int, default=400, help="of an answer")
    parser.add_argument("--seconds", type=int, default=60, help="of the burst")
    parser.add_argument("--share", type=float, default=0.25, help="of a core, for each process")
    parser.add_argument("--most", type=int, default=5, help="processes")
    parser.add_argument("--out", default="autoscaling-run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = run(options, folder)
    numbers = figures(seen)
    draw(seen, numbers, options.out + ".svg")
    kept = {key: seen[key] for key in ("options", "begin", "burst", "end", "series")} | {"figures": numbers}
    with open(options.out + ".json", "w", encoding="utf-8") as out:
        json.dump(kept, out)
    print(seen["log"])
    for who, text in seen["says"].items():
        print(f"{who}: {text}", end="")
    print("\n".join(f"{name}: {value}" for name, value in numbers.items()))
    held = (numbers["lost"] == numbers["repeated"] == numbers["dead letters"] == 0 and numbers["most processes"] > 1
            and numbers["seconds from the burst to two processes at work"] <= 15
            and numbers["p99 s within the burst"] <= OBJECTIVE and numbers["processes at the end"] == 1
            and numbers["changes of direction"] <= 2)
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
