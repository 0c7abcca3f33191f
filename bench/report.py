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


def ratios(ours, theirs, field):
    return [ours[k][field] / theirs[k][field] for k in sorted(ours.keys() & theirs.keys())
            if ours[k].get(field) and theirs[k].get(field)]


def ratio(ours, theirs, field):
    return median(ratios(ours, theirs, field))


def spread(ours, theirs, field):
    """Median, and the least and the greatest of the rounds."""
    of = ratios(ours, theirs, field)
    return f"{number(median(of), 2)} ({number(min(of), 2)}–{number(max(of), 2)})" if of else "–"


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

written = group("generation")


def writers(ours):
    """Of "chalkstream MODEL bN tN" the rows of the others at the same setting."""
    setting = ours.removeprefix("chalkstream ")
    return setting, {name: written[f"{name} {setting}"] for name in ("hf", "ct2", "ct2-workers")
                     if f"{name} {setting}" in written}


def writer_line(name, r):
    setting, others = writers(name)
    both = [f"{sum(row['same'] for row in of.values())}/{sum(row['texts'] for row in of.values())}"
            for of in [r, *(others[n] for n in others if n != "hf")]]
    return [*setting.split(), number(mid(r, "tokens_per_s")), number(mid(r, "tokens_per_cpu_s")),
            *(spread(r, others.get(n, {}), field) for n in ("hf", "ct2", "ct2-workers")
              for field in ("tokens_per_s", "tokens_per_cpu_s")), " ".join(both)]


table("Greedy decoding, ours ÷ theirs: median of rounds (least–greatest)",
      ["model", "batch", "threads", "tokens/s", "tokens/CPU-s", "÷ hf, s", "÷ hf, CPU-s", "÷ ct2, s", "÷ ct2, CPU-s",
       "÷ ct2-workers, s", "÷ ct2-workers, CPU-s", "texts as hf's: ours, ct2"],
      (writer_line(name, r) for name, r in written.items() if name.startswith("chalkstream ")))

batched = group("batching")


def continuous(name):
    """Of "MODEL bN POLICY LEVEL" the rows of the continuous policy."""
    model, batch, _, level = name.split()
    return batched[f"{model} {batch} continuous {level}"]


table("Continuous batching, continuous ÷ batch at a time: median of rounds (least–greatest)",
      ["model", "texts at once", "policy", "through", "tokens/s", "tokens/CPU-s", "steps", "texts a step", "continuous ÷ it, s",
       "continuous ÷ it, CPU-s"],
      ([*name.split(), number(mid(r, "tokens_per_s")), number(mid(r, "tokens_per_cpu_s")), number(mid(r, "steps"), 0),
        number(mid(r, "lines") / mid(r, "steps")), *(spread(continuous(name), r, field)
                                                     for field in ("tokens_per_s", "tokens_per_cpu_s"))]
       for name, r in batched.items()))

padding = group("padding")
table("Padding of batches as they come", ["documents a batch", "tokens", "tokens computed", "padding"],
      ([name, number(mid(r, "tokens"), 0), number(mid(r, "computed"), 0), f"{100 * mid(r, 'share'):.0f} %"]
       for name, r in padding.items()))


def best_batch(program, model, threads, field):
    """Round by round, whichever batch was fastest."""
    best = {}
    for name, r in written.items():
        if name.startswith(f"{program} {model} ") and name.endswith(threads):
            for k, row in r.items():
                best[k] = max(best.get(k, row), row, key=lambda one: one[field])
    return best


def writing_bars():
    clocks = (("tokens_per_s", "tokens/s"), ("tokens_per_cpu_s", "tokens/CPU-s"))
    for model in ("bart", "marian"):
        for name, r in batched.items():
            if name.startswith(model) and "continuous" not in name:
                yield f"{name}: continuous ÷ it, tokens/s", ratio(continuous(name), r, "tokens_per_s"), 3, True
        for threads in ("t1", "t2"):
            for field, what in clocks:
                if ours := best_batch("chalkstream", model, threads, field):
                    yield (f"{model} {threads}: ours ÷ transformers, best batch each, {what}",
                           ratio(ours, best_batch("hf", model, threads, field), field), 2, True)
            for name in [n for n in written if n.startswith(f"chalkstream {model} ") and n.endswith(threads)]:
                setting, others = writers(name)
                for field, what in clocks:
                    fastest = max((r for n, r in others.items() if n != "hf"), key=lambda r: mid(r, field))
                    yield f"{setting}: ours ÷ CTranslate2, {what}", ratio(written[name], fastest, field), 0.67, True


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
    yield from writing_bars()


table("Against the bars", ["what", "measured", "bar", "met"],
      ([what, number(value, 2), f"{'≥' if more else '≤'} {bar}", "yes" if value == bar or (value > bar) == more else "**no**"]
       for what, value, bar, more in bars()))
