#!/usr/bin/env python3
"""A model that nobody needs is let go and comes back with the next record: unloading_test.py PROGRAM MODEL. Exit 77: skipped.

The finished program with the embedded broker and a real model, scaled between 0 and 1 replicas by a real Prometheus.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM, MODEL = sys.argv[1:3]
PATIENCE = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Page:
    """The metrics of the moment."""

    def __init__(self, address):
        with urllib.request.urlopen(address, timeout=10) as page:
            self.text = page.read().decode()

    def __getitem__(self, series):
        found = re.search("^" + re.escape(series) + r"(?:\{[^}]*\})? (\S+)$", self.text, re.M)
        return float(found.group(1)) if found else None


def until(condition, what):
    end = time.time() + PATIENCE
    while time.time() < end:
        if condition():
            return
        time.sleep(0.2)
    raise SystemExit(f"not within {PATIENCE} s: {what}")


def send(broker, count):
    done = subprocess.run([PROGRAM, "bench", "--brokers", broker, "--topic", "texts", "--results", "vectors", "--type",
                           "short_answer", "--count", str(count), "--rate", "50", "--timeout", str(PATIENCE)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def main():
    prometheus = shutil.which("prometheus")
    if prometheus is None or not os.path.isdir(MODEL):
        print("needs Debian's prometheus and the model", MODEL)
        raise SystemExit(77)
    with tempfile.TemporaryDirectory() as folder:
        metrics, port = free_port(), free_port()
        with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as out:
            out.write("scrape_configs: [{job_name: chalkstream, scrape_interval: 500ms, scrape_timeout: 500ms, "
                      f"static_configs: [{{targets: ['127.0.0.1:{metrics}']}}]}}]\n")
        with open(os.path.join(folder, "c.yaml"), "w", encoding="utf-8") as out:
            out.write(f"""kafka: {{brokers: embedded}}
monitoring: {{listen: '127.0.0.1:{metrics}'}}
engine: {{token_budget: 512}}
models:
  minilm: {{path: {os.path.abspath(MODEL)}}}
pipelines:
  texts: {{kind: embedding, from: texts, to: vectors, model: minilm}}
autoscaling:
  mode: slots
  prometheus: http://127.0.0.1:{port}
  interval: 500ms
  stale_after: 2s
  idle_after: 2s
  windows: {{down: 1s}}
  models:
    minilm: {{replicas: {{min: 0, max: 1}}}}
""")
        log = open(os.path.join(folder, "log"), "w+b")
        server = subprocess.Popen([PROGRAM, "serve", "--config", out.name], stdout=subprocess.PIPE, stderr=log, text=True)
        watcher = subprocess.Popen([prometheus, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                                    f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            broker = re.search(r"brokers (\S+),", server.stdout.readline()).group(1)
            look = lambda: Page(f"http://127.0.0.1:{metrics}/metrics")
            send(broker, 20)
            busy = look()
            assert busy["chalkstream_replicas"] == 1, "it is there while it is needed"
            for round in (1, 2):
                until(lambda: look()["chalkstream_replicas"] == 0, "it is unloaded when nothing comes")
                time.sleep(0.5)
                resting = look()
                freed = busy["process_resident_memory_bytes"] - resting["process_resident_memory_bytes"]
                print(f"round {round}: {freed / 1e6:.0f} MB given back")
                assert freed > 40e6, "its weights are let go"
                begin = time.time()
                send(broker, 1)
                print(f"round {round}: the first record after that took {time.time() - begin:.2f} s, loading included")
                busy = look()
                assert 'outcome="succeeded"} ' + str(round + 1) in busy.text, "the load is counted"
                assert busy["chalkstream_replicas"] == 1
            server.terminate()
            assert server.wait(timeout=PATIENCE) == 0
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode())
            raise
        finally:
            for process in (server, watcher):
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
