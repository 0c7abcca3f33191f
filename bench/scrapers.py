#!/usr/bin/env python3
"""What four scrapers that ask for /metrics every second cost: throughput without and with them, and the processor's time.

    python3 bench/scrapers.py [PAIRS] [RECORDS] [FORM]              (6 pairs of 600 texts, openmetrics; or text)

One `chalkstream serve` with an embedded broker embeds texts by MiniLM, as fast as they come; one slot. Each pair has a run without
scrapers and one with, in an order that alternates; what is told is the median of the pairs' ratios, all of them, and how much of a core the
scrapers alone cost the idle process (which no other load disturbs), and what one page costs when a thousand follow each other. One record in a hundred is traced, so that OpenMetrics has exemplars; nobody
takes the spans.   CHALKSTREAM_PROGRAM, CHALK_DEPS (with models/minilm).
"""
import os, re, signal, statistics, subprocess, sys, tempfile, threading, time, urllib.request

PAIRS, RECORDS = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 6), (2, 600)))
FORM = sys.argv[3] if len(sys.argv) > 3 else "openmetrics"
ACCEPT = {"openmetrics": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",  # Prometheus 2.42's
          "text": "text/plain;version=0.0.4"}
PROGRAM = os.environ.get("CHALKSTREAM_PROGRAM", "build/chalkstream")
MODELS = os.path.join(os.environ.get("CHALK_DEPS", ".deps"), "models")
SCRAPERS, IDLE_SECONDS, PAGES = 4, 20, 1000


class scrapers:
    """Four that ask once a second, until they are left; a context."""

    def __init__(self, address):
        self.request = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": ACCEPT[FORM]})
        self.over, self.pages, self.bytes, self.exemplars = threading.Event(), 0, 0, 0

    def once(self):
        with urllib.request.urlopen(self.request, timeout=5) as answer:
            page = answer.read()
        self.bytes, self.exemplars = len(page), page.count(b" # {trace_id=")
        self.pages += 1

    def ask(self):
        while not self.over.is_set():
            self.once()
            self.over.wait(1)

    def __enter__(self):
        self.threads = [threading.Thread(target=self.ask) for _ in range(SCRAPERS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def throughput(broker):
    """Texts a second, from the first that was sent to the last result."""
    done = subprocess.run([PROGRAM, "bench", "--brokers", broker, "--topic", "texts", "--results", "vectors", "--type", "short_answer",
                           "--count", str(RECORDS), "--text-bytes", "400"], capture_output=True, text=True, check=True)
    return float(re.search(r": ([\d.,]+)/s", done.stdout)[1].replace(",", ""))


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_share(pid):
    began, spent = time.time(), processor_seconds(pid)
    time.sleep(IDLE_SECONDS)
    return (processor_seconds(pid) - spent) / (time.time() - began)


with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/serve.yaml", "w", encoding="utf-8") as out:
        out.write(f"""kafka: {{brokers: embedded}}
monitoring: {{listen: 127.0.0.1:0, traces: {{endpoint: 'http://127.0.0.1:9', sample: 0.01}}}}
state_dir: {folder}/state
engine: {{slots: 1, token_budget: 512}}
models: {{minilm: {{path: {os.path.abspath(MODELS)}/minilm}}}}
pipelines: {{texts: {{kind: embedding, from: texts, to: vectors, model: minilm}}}}
""")
    serve = subprocess.Popen([PROGRAM, "serve", "--config", out.name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        broker, address = re.search(r"brokers (\S+), metrics http://(\S+)/metrics", serve.stdout.readline()).groups()
        throughput(broker)  # warms up
        ratios = []
        for pair in range(PAIRS):
            rates = {}
            for scraped in (False, True) if pair % 2 == 0 else (True, False):
                if scraped:
                    with scrapers(address):
                        rates[True] = throughput(broker)
                else:
                    rates[False] = throughput(broker)
            ratios.append(rates[True] / rates[False])
            print(f"pair {pair + 1}: {rates[False]:.1f}/s without, {rates[True]:.1f}/s with: {ratios[-1]:.4f}", flush=True)
        alone = idle_share(serve.pid)
        with scrapers(address) as all_of_them:
            watched = idle_share(serve.pid)
        spent = processor_seconds(serve.pid)
        for _ in range(PAGES):
            all_of_them.once()
        spent = (processor_seconds(serve.pid) - spent) / PAGES
        print(f"throughput with {SCRAPERS} scrapers over that without: median {statistics.median(ratios):.4f}, "
              f"from {min(ratios):.4f} to {max(ratios):.4f}")
        print(f"idle: {100 * alone:.2f} % of a core without, {100 * watched:.2f} % with {SCRAPERS} scrapers of a page of "
              f"{all_of_them.bytes / 1024:.0f} KiB with {all_of_them.exemplars} exemplars, as {FORM}; "
              f"{1000 * spent:.2f} ms of the processor for each page")
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.wait(30)
