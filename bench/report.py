#!/usr/bin/env python3
"""Markdown tables from the JSON lines of the scripts here: report.py FILE… Medians over rounds; ratios are medians of
the ratios inside each round, since a round's figures share the machine's mood."""
import collections, json, statistics, sys

rows = [json.loads(line) for path in sys.argv[1:] for line in open(path, encoding="utf-8") if line.startswith("{")]
median = lambda values: statistics.median(values) if values else float("nan")


def group(bench):
    """name -> round -> row"""
    found = collections.defaultdict(dict)
    for row in rows:
        if row["bench"] == bench:
            found[row["name"]][row["round"]] = row
    return found


def mid(of_rounds, field):
    return median([r[field] for r in of_rounds.values() if r.get(field) is not None])


def ratio(ours, theirs, field):
    return median([ours[k][field] / theirs[k][field] for k in ours.keys() & theirs.keys()
                   if ours[k].get(field) and theirs[k].get(field)])


def table(title, head, lines):
    lines = list(lines)
    if lines:
        print(f"\n### {title}\n\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for line in lines:
            print("| " + " | ".join(str(cell) for cell in line) + " |")


def number(value, digits=1):
    return "–" if value != value else f"{value:,.{digits}f}"


peers = group("peers")
ours = peers.get("chalkstream", {})


def peer_line(name, r):
    sums = {field: sum(row.get(field, 0) for row in r.values()) for field in ("done", "n", "dup")}
    return [name, len(r), number(mid(r, "docs_per_cpu_s")), number(ratio(ours, r, "docs_per_cpu_s"), 2),
            number(mid(r, "docs_per_s")), number(mid(r, "p50_ms")), number(mid(r, "p99_ms")), number(mid(r, "cpu_pct"), 0),
            number(mid(r, "rss_mib"), 0), number(mid(r, "start_to_first_s")), f"{sums['done']}/{sums['n']}", sums["dup"]]


table("Kafka to Kafka", ["engine", "rounds", "docs/CPU-s", "ours ÷ its", "docs/s", "p50 ms", "p99 ms", "CPU %", "peak RSS MiB",
                         "start to first s", "done", "duplicates"],
      (peer_line(name, r) for name, r in sorted(peers.items(), key=lambda item: -mid(item[1], "docs_per_cpu_s"))))

infer = group("infer")
table("Without Kafka, one thread", ["program", "rounds", "docs/CPU-s"],
      ([name, len(r), number(mid(r, "docs_per_cpu_s"))] for name, r in infer.items()))

latency = group("latency")
table("Latency of this engine", ["load", "docs/s", "p50 ms", "p90 ms", "p99 ms"],
      ([name, *(number(mid(r, f)) for f in ("rate", "p50_ms", "p90_ms", "p99_ms"))] for name, r in latency.items()))

tokenizers = group("tokenizers")
table("Tokenising, one thread", ["program", "docs/CPU-s"],
      ([name, number(mid(r, "docs_per_cpu_s"), 0)] for name, r in tokenizers.items()))

nomodel = group("nomodel")
table("No model, exactly once", ["what", "records/s"],
      ([name, number(mid(r, "records_per_s"), 0)] for name, r in nomodel.items()))

start = group("start").get("start", {})
table("Start", ["seconds to ready", "RSS MiB at ready", "weights MiB"],
      [[number(mid(start, "ready_s"), 2), *(number(mid(start, f), 0) for f in ("rss_mib", "weights_mib"))]] if start else [])


def bars():
    shipped = {n: r for n, r in peers.items() if n not in ("chalkstream", "python-packed-eos", "python-packed")}
    if ours and "infer" in infer:
        yield "engine ÷ infer, docs/CPU-s", mid(ours, "docs_per_cpu_s") / mid(infer["infer"], "docs_per_cpu_s"), 0.95, True
    if "infer" in infer and "forward" in infer:
        yield "infer ÷ bare packed forward, docs/CPU-s", ratio(infer["infer"], infer["forward"], "docs_per_cpu_s"), 0.95, True
    for field, what in (("docs_per_cpu_s", "docs/CPU-s"), ("docs_per_s", "docs/s")):
        if ours and shipped:
            best = max(shipped, key=lambda n: mid(shipped[n], field))
            yield f"engine ÷ best peer as shipped ({best}), {what}", ratio(ours, shipped[best], field), 1.3, True
        if ours and "python-packed-eos" in peers:
            yield f"engine ÷ python-packed-eos, {what}", ratio(ours, peers["python-packed-eos"], field), 1.1, True
    if ours:
        yield "p99 at the fixed rate, ms", mid(ours, "p99_ms"), 90, False
    if "half-load" in latency and "longest-alone" in latency:
        yield "p99 at half load ÷ longest document alone", mid(latency["half-load"], "p99_ms") / mid(
            latency["longest-alone"], "p50_ms"), 2.5, False
    if "tokenize" in tokenizers and "tokenizers" in tokenizers:
        yield "tokenize ÷ Hugging Face tokenizers", ratio(
            tokenizers["tokenize"], tokenizers["tokenizers"], "docs_per_cpu_s"), 5, True
    if {"produce", "consume", "echo"} <= nomodel.keys():
        rate = lambda name, k: nomodel[name][k]["records_per_s"]
        each = [rate("echo", k) * (1 / rate("produce", k) + 1 / rate("consume", k)) for k in nomodel["echo"]]
        yield "no-model pipeline × (1/p + 1/c)", median(each), 0.5, True
    if start:
        yield "seconds to ready", mid(start, "ready_s"), 3, False
    if ours and start:
        yield "peak RSS − weights, MiB", mid(ours, "rss_mib") - mid(start, "weights_mib"), 250, False


table("Against the bars", ["what", "measured", "bar", "met"],
      ([what, number(value, 2), f"{'≥' if more else '≤'} {bar}", "yes" if value == bar or (value > bar) == more else "**no**"]
       for what, value, bar, more in bars()))
