#!/usr/bin/env python3
"""Documents per CPU-second of a program that reads JSON lines and writes JSON lines: cpu_rate.py --docs N -- COMMAND…

It runs the command on a few documents and on N more; the difference is free of start-up and model loading.
"""
import argparse, json, os, resource, subprocess, time

parser = argparse.ArgumentParser()
parser.add_argument("--name", required=True)
parser.add_argument("--docs", type=int, default=256)
parser.add_argument("command", nargs="+")
args = parser.parse_args()

with open(os.path.join(os.environ["PEERS"], "data", "docs.jsonl"), encoding="utf-8") as file:
    texts = [json.loads(line)["text"] for line in file][: args.docs]
few = texts[: max(1, len(texts) // 20)]


def run(batch):
    lines = "".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(batch))
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(args.command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    if done.stdout.count(b"\n") != len(batch):
        raise SystemExit(f"{args.name}: {len(batch)} documents in, {done.stdout.count(bytes([10]))} results out")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


cpu_few, wall_few = run(few)
cpu_all, wall_all = run(few + texts)
print(json.dumps({"name": args.name, "docs": len(texts), "docs_per_cpu_s": round(len(texts) / (cpu_all - cpu_few), 2),
                  "docs_per_s": round(len(texts) / (wall_all - wall_few), 2),
                  "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)}))
