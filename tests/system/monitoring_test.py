"""A real run, watched: its page of metrics, every query of the dashboards against a real Prometheus, its traces, and the
way from a latency that Prometheus has to a trace that the collector has.

monitoring_test.py PROGRAM MODELS_FOLDER. Needs kcat, prometheus and promtool; without them it is skipped (77), as pipelines are whose
model is not in the folder.
"""
import http.server, json, os, pathlib, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, unittest
import urllib.parse, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "monitoring/dashboards"))
import panels

PROGRAM, MODELS = sys.argv[1], pathlib.Path(sys.argv[2])
EXAMPLES = ROOT / "examples"
LEARNERS, ASSIGNMENTS = 10_000, 500
GROUPS = {"assignment": ["assignment-1", "assignment-2", "cells-quiz"], "language": ["de", "en"], "tenant": ["north-campus"]}
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = PARENT[:-2] + "00"
SLOW_TRACE = "5c" * 16


def pipelines():
    """name: (its settings, what is sent to it)."""
    found = {"speed": ("kind: echo, from: in, to: out", None)}
    if (MODELS / "minilm/model.safetensors").exists():
        found |= {
            "short-answers": ("kind: grading, from: submissions, to: grades, model: minilm", "submissions.jsonl"),
            "corrections": ("kind: overrides, from: overrides, to: corrections, grades: grades", "overrides.jsonl"),
            "next-steps": (f"kind: recommendation, from: grades, to: recommendations, catalogue: {EXAMPLES}/resources.jsonl, model: minilm", None),
            "vectors": ("kind: embedding, from: texts, to: vectors, model: minilm", "essays.jsonl"),
            "summaries": ("kind: summarization, from: essays, to: summaries, model: minilm, sentences: 3", "essays.jsonl"),
            "answers": (f"kind: answering, from: questions, to: answers, model: minilm, material: {EXAMPLES}/material.jsonl", "questions.jsonl"),
            "papers": ("kind: grading, from: papers, to: paper-grades, model: minilm, reader: print", "papers.jsonl"),
        }
    if (MODELS / "digits/config.json").exists():
        found |= {"scans": ("kind: recognition, from: scans, to: recognised, model: digits", "scans.jsonl"),
                  "clips": ("kind: video, from: clips, to: seen, model: digits", "clips.jsonl")}
    return found


class collector(http.server.BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        collector.bodies.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def spans():
    """What the collector was sent, records' and stages'."""
    return [s for _, _, body in collector.bodies for r in body["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]


def attribute(span, key):
    return next((a["value"].get("stringValue") for a in span.get("attributes", []) if a["key"] == key), None)


def get(url, accept=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept} if accept else {}), timeout=10) as answer:
        return answer.read().decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, seconds, why):
    end = time.time() + seconds
    while not (found := what()):
        if time.time() > end:
            raise AssertionError(f"{why} within {seconds} s")
        time.sleep(0.2)
    return found


def series_of(page):
    """{series: value}, and {metric: (type, help)}."""
    values, about = {}, {}
    for line in page.splitlines():
        if line.startswith("# HELP "):
            _, _, name, text = line.split(" ", 3)
            about[name] = ["", text]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            about[name][0] = kind
        elif line:
            name, value = line.rsplit(" ", 1)
            values[name] = float(value)
    return values, about


def labels_of(series):
    return dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', series))


class run:
    """One run that all tests look at."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chalkstream-monitoring-"))
        self.processes = []
        self.collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), collector)
        threading.Thread(target=self.collector.serve_forever, daemon=True).start()
        self.pipelines = pipelines()
        self.prometheus = f"127.0.0.1:{free_port()}"  # the autoscaler's too, which holds until it is there
        configuration = self.folder / "serve.yaml"
        lines = ["kafka: {brokers: embedded}", "monitoring:", "  listen: 127.0.0.1:0",
                 "  groups: " + json.dumps(GROUPS),
                 f"  traces: {{endpoint: 'http://127.0.0.1:{self.collector.server_address[1]}', sample: 0}}",
                 f"autoscaling: {{mode: slots, prometheus: 'http://{self.prometheus}', interval: 1s}}",
                 f"state_dir: {self.folder}/state", "models:", f"  print: {{path: {EXAMPLES}/printed}}"]
        lines += [f"  {m}: {{path: {MODELS}/{m}}}" for m in ("minilm", "digits") if (MODELS / m).exists()]
        if "papers" not in self.pipelines:
            lines = [l for l in lines if "printed" not in l and l != "models:" and not l.startswith("autoscaling")]
        lines += ["pipelines:"] + [f"  {name}: {{{settings}}}" for name, (settings, _) in self.pipelines.items()]
        configuration.write_text("\n".join(lines) + "\n")
        ready = self.start([PROGRAM, "serve", "--config", configuration], r"^ready: brokers (\S+), metrics http://(\S+)/metrics$")
        self.broker, self.address = ready[1], ready[2]
        self.first_page = self.page()

    def start(self, command, sign):
        log = self.folder / f"{pathlib.Path(command[0]).name}.log"
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.processes.append(process)

        def there():
            if process.poll() is not None:
                raise AssertionError(f"{command[0]} ended: " + log.read_text())
            return re.search(sign, log.read_text(), re.M)
        return until(there, 120, f"{command[0]} was not ready")

    def page(self, accept=None):
        return get(f"http://{self.address}/metrics", accept)

    def log(self):
        return (self.folder / f"{pathlib.Path(PROGRAM).name}.log").read_text()

    def send(self, topic, lines, *headers):
        given = [word for h in headers for word in ("-H", h)]
        subprocess.run(["kcat", "-P", "-b", self.broker, "-t", topic, "-K", "\t", *given], check=True, timeout=60,
                       input=b"".join(b"%d\t%s\n" % (i % 97, line) for i, line in enumerate(lines)))

    def read(self, topic):
        """[(headers, value)] of everything in the topic."""
        done = subprocess.run(["kcat", "-C", "-b", self.broker, "-t", topic, "-e", "-q", "-f", "%h\t%s\n"], check=True, timeout=60, capture_output=True)
        return [line.split("\t", 1) for line in done.stdout.decode().splitlines()]

    def counted(self, metric, pipeline):
        return sum(v for s, v in series_of(self.page())[0].items() if s.startswith(metric + "{") and f'pipeline="{pipeline}"' in s)

    def finished(self, pipeline):
        return self.counted("chalkstream_results_total", pipeline) + self.counted("chalkstream_dead_letters_total", pipeline)

    def start_prometheus(self):
        rules = self.folder / "rules"
        rules.mkdir()
        for file in (ROOT / "monitoring/alerts").glob("*.yml"):  # a run is short: rules look every second
            (rules / file.name).write_text(re.sub(r"interval: \w+", "interval: 1s", file.read_text()))
        configuration = self.folder / "prometheus.yml"
        configuration.write_text(f"global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\nrule_files: ['{rules}/*.yml']\n"
                                 f"scrape_configs:\n  - {{job_name: chalkstream, static_configs: [{{targets: ['{self.address}']}}]}}\n")
        self.start(["prometheus", "--enable-feature=exemplar-storage", f"--config.file={configuration}", f"--storage.tsdb.path={self.folder}/tsdb",
                    f"--web.listen-address={self.prometheus}"], r'msg="Listening on" address=(\S+)')

    def ask(self, what, **given):
        answer = json.loads(get(f"http://{self.prometheus}/api/v1/{what}?" + urllib.parse.urlencode(given)))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def exemplars(self, selector):
        """[(the series' labels, the exemplar)]."""
        found = self.ask("query_exemplars", query=selector, start=time.time() - 600, end=time.time() + 60)
        return [(s["seriesLabels"], e) for s in found for e in s["exemplars"]]

    def close(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        self.collector.shutdown()
        shutil.rmtree(self.folder)


def event(number):
    return json.dumps({"id": f"e{number}", "tenant": f"tenant-{number % 40}", "learner": f"learner-{number}", "course": f"course-{number % 100}",
                       "assignment": f"assignment-{number % ASSIGNMENTS}", "item": f"item-{number}", "attempt": 1, "type": "essay",
                       "text": "Short.", "lang": ["en", "de", "fr", "pt-BR"][number % 4]}).encode()


class monitoring_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.watched = run()
        cls.addClassCleanup(cls.watched.close)
        cls.watched.start_prometheus()
        # Samples several times, some seconds apart, so that rates have something to go by.
        sent = dict.fromkeys(cls.watched.pipelines, 0)
        for turn in range(4):
            cls.watched.send("in", (event(n) for n in range(turn * LEARNERS // 4, (turn + 1) * LEARNERS // 4)))
            sent["speed"] += LEARNERS // 4
            for name, (settings, samples) in cls.watched.pipelines.items():
                if samples:
                    lines = (EXAMPLES / samples).read_bytes().splitlines()[:60]
                    broken = (EXAMPLES / "broken.jsonl").read_bytes().splitlines() if name == "short-answers" else []
                    cls.watched.send(re.search(r"from: ([\w-]+)", settings)[1], lines + broken)
                    sent[name] += len(lines + broken)
            time.sleep(2)
        for name, count in sent.items():
            until(lambda: cls.watched.finished(name) >= count, 180, f"{name} did not finish {count} records")
        if "corrections" in sent:  # once more, now that every grade is there
            again = (EXAMPLES / "overrides.jsonl").read_bytes().splitlines()
            cls.watched.send("overrides", again)
            until(lambda: cls.watched.finished("corrections") >= sent["corrections"] + len(again), 60, "the overrides were not finished")
        cls.last_page = cls.watched.page()

    def test_the_series_are_the_same_after_ten_thousand_learners_and_five_hundred_assignments(self):
        first, last = (set(series_of(page)[0]) for page in (self.watched.first_page, self.last_page))
        self.assertEqual(first ^ last, set())
        self.assertGreater(len(first), 150)

    def test_nothing_on_the_page_names_a_learner_or_what_nobody_listed(self):
        for word in ("learner", "course-", "item-", "tenant-", "assignment-3", "assignment-499", "photosynthesis", "fr\"", "river-school", "teacher-"):
            self.assertNotIn(word, self.last_page)

    def test_promtool_has_nothing_to_say(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.last_page, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_every_metric_has_help_a_type_and_a_unit_and_is_documented(self):
        _, about = series_of(self.last_page)
        documented = (ROOT / "docs/metrics.md").read_text()
        units = {"counter": r"_total$", "histogram": r"_(seconds|records|tokens|ratio)$",
                 "gauge": r"_(seconds|records|tokens|bytes|ratio|info|fds|replicas)$|^chalkstream_(slots|model_resident|autoscale_limited|autoscale_key)$"}
        for name, (kind, text) in about.items():
            self.assertGreater(len(text), 10, name)
            self.assertTrue(text.endswith("."), name)
            self.assertRegex(name, units[kind])
            self.assertTrue(f"`{name}`" in documented, f"{name} is not in docs/metrics.md")
        for name in re.findall(r"^\| `(chalkstream_\w+)`", documented, re.M):
            if "short-answers" in self.watched.pipelines or "autoscale" not in name:
                self.assertIn(name, about)

    def test_labels_come_from_closed_sets(self):
        enumerations = {"decision": {"auto", "review"}, "outcome": {"committed", "aborted", "succeeded", "failed", "sent", "overflowed"},
                        "action": {"shed", "late"}, "agrees": {"yes", "no"}, "agreement": {"exact", "adjacent", "apart", "unknown"},
                        "of": {"pairs", "person", "engine", "person_squared", "engine_squared", "product"}, "by": set(GROUPS), "device": {"cpu"},
                        "pipeline": set(self.watched.pipelines), "model": {"minilm", "digits", "print"},
                        "target": {"minilm", "digits", "print"}, "direction": {"up", "down", "none"},
                        "limit": {"least", "most", "step", "partitions", "budget"},
                        "reason": {"unavailable"} | {word for file in ("rejection", "review_reason", "scaling_policy")
                                   for word in re.findall(r'return "(\w+)"', (ROOT / f"core/{file}.cpp").read_text())},
                        "group": {name for names in GROUPS.values() for name in names} | {"other"}}
        open_ended = {"le", "version", "caf", "librdkafka", "libtorch"}  # of the build, or bounds: as many as there are in the program
        for series in series_of(self.last_page)[0]:
            for key, value in labels_of(series).items():
                if key not in open_ended:
                    self.assertIn(value, enumerations[key], series)

    def test_what_was_graded_is_counted_once_and_by_its_group(self):
        values, _ = series_of(self.last_page)
        group = 'chalkstream_group_results_total{pipeline="speed",by="assignment",group="%s",decision="auto"}'
        self.assertEqual(values[group % "assignment-1"], LEARNERS / ASSIGNMENTS)
        self.assertEqual(values[group % "other"], LEARNERS * (ASSIGNMENTS - 2) / ASSIGNMENTS)
        language = 'chalkstream_group_results_total{pipeline="speed",by="language",group="%s",decision="auto"}'
        self.assertEqual([values[language % g] for g in ("de", "en", "other")], [LEARNERS / 4, LEARNERS / 4, LEARNERS / 2])
        if "short-answers" in self.watched.pipelines:
            scored = values['chalkstream_score_ratio_count{pipeline="short-answers"}']
            self.assertGreater(scored, 100)
            review = values['chalkstream_results_total{pipeline="short-answers",decision="review"}']
            reasons = sum(v for s, v in values.items() if s.startswith('chalkstream_review_reasons_total{pipeline="short-answers"'))
            self.assertGreaterEqual(reasons, review)
            self.assertEqual(values['chalkstream_review_reasons_total{pipeline="short-answers",reason="other"}'], 0)
            self.assertEqual(values['chalkstream_score_ratio_count{pipeline="next-steps"}'], 0)

    def test_what_people_made_of_grades_is_counted_and_kept(self):
        if "corrections" not in self.watched.pipelines:
            self.skipTest("no model")
        values, _ = series_of(self.last_page)
        by = {a: values[f'chalkstream_overrides_total{{pipeline="corrections",agreement="{a}"}}'] for a in ("exact", "adjacent", "apart", "unknown")}
        samples = [json.loads(line) for line in (EXAMPLES / "overrides.jsonl").read_text().splitlines()]
        self.assertEqual(sum(by.values()), 5 * len(samples))
        self.assertGreaterEqual(by["unknown"], 5)  # of a submission that nobody has sent
        kept = [json.loads(value) for _, value in self.watched.read("corrections")]
        self.assertEqual(len(kept), 5 * len(samples))
        self.assertEqual({a: sum(k["agreement"] == a for k in kept) for a in by}, by)
        pairs = [(k["score"] / k["max_score"], k["engine_score"] / k["engine_max_score"]) for k in kept if None not in (k["score"], k["engine_score"])]
        self.assertGreaterEqual(len(pairs), 11)  # at the latest when all had been graded
        sums = {"pairs": len(pairs), "person": sum(p for p, _ in pairs), "product": sum(p * e for p, e in pairs)}
        for of, value in sums.items():
            self.assertAlmostEqual(values[f'chalkstream_override_score_sums_total{{pipeline="corrections",of="{of}"}}'], value, 3)
        graded = {json.loads(value)["id"] for _, value in self.watched.read("grades")}
        for one in kept:
            self.assertTrue(one["result"] is None or one["result"] in graded)
            self.assertNotIn("teacher-", json.dumps(one))

    def test_every_query_of_the_dashboards_gives_something(self):
        until(lambda: self.watched.query("pipeline:chalkstream_score_drift:ks1h_1w"), 60, "the rules were not evaluated")
        standing_for = {panels.WINDOW: "10m", "$job": ".*", "$pipeline": ".*", "$model": ".*"}
        dashboards = {d.file: json.loads((ROOT / "monitoring/dashboards" / d.file).read_text()) for d in panels.DASHBOARDS}
        asked = 0
        for dashboard in panels.DASHBOARDS:
            shows = {p.title: p.shows for _, row in dashboard.rows for p in row}
            for panel in dashboards[dashboard.file]["panels"]:
                for target in panel.get("targets", []):
                    query = target["expr"]
                    for word, value in standing_for.items():
                        query = query.replace(word, value)
                    self.assertNotIn("$", query)
                    found = self.watched.query(query)
                    asked += 1
                    if not self.may_be_empty(panel["title"], shows[panel["title"]], query):
                        numbers = [float(s["value"][1]) for s in found]
                        self.assertTrue([n for n in numbers if n == n], f"{dashboard.file}, {panel['title']}: {query} gives {found}")
        self.assertGreater(asked, 40)

    def may_be_empty(self, title, shows, query):
        if "minilm" not in {m["metric"].get("model") for m in self.watched.query("chalkstream_replicas")}:
            return True  # without a model there is little to see; the queries were understood
        if shows == "overrides":
            return "corrections" not in self.watched.pipelines
        # Samples have no eight graded answers beside them.
        return shows != "always" or title == "Agreement with similar graded answers"

    def test_variables_of_the_dashboards_have_values(self):
        for dashboard in panels.DASHBOARDS:
            for name, query in dashboard.variables.items():
                metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
                self.assertTrue([s for s in self.watched.query(metric) if s["metric"].get(label)], name)

    def test_a_healthy_run_raises_no_critical_alert(self):
        firing = self.watched.query('ALERTS{severity="critical",alertstate="firing"}')
        self.assertEqual(firing, [])

    def test_traces_go_through_the_broker_and_to_the_collector(self):
        before = self.watched.finished("speed")
        self.watched.send("in", [b'{"id":"traced","learner":"learner-secret","type":"essay","text":"private words"}'], f"traceparent={PARENT}", "tracestate=a=1")
        self.watched.send("in", [b"no JSON, traced"], f"traceparent={PARENT}")
        self.watched.send("in", [event(1)], f"traceparent={UNSAMPLED}")
        self.watched.send("in", [event(2)], "traceparent=nonsense")
        until(lambda: self.watched.finished("speed") >= before + 4, 30, "the traced records were not finished")
        with_trace = {h for h, _ in self.watched.read("out") if "traceparent" in h and SLOW_TRACE not in h}
        parents = sorted(re.search(r"traceparent=([0-9a-f-]+)", h)[1] for h in with_trace)
        self.assertEqual(len(parents), 2, "a malformed one is dropped")
        self.assertIn(UNSAMPLED, parents)
        ours = next(p for p in parents if p != UNSAMPLED)
        self.assertEqual(ours[:36], PARENT[:36])
        self.assertNotEqual(ours[36:52], PARENT[36:52])
        self.assertTrue(any("tracestate=a=1" in h for h in with_trace))
        dead = [h for h, v in self.watched.read("in.dead") if "traced" in v]
        self.assertEqual(len(dead), 1)
        self.assertIn(PARENT[:36], dead[0])

        until(lambda: len([s for s in spans() if s["kind"] == 5 and s["traceId"] == PARENT[3:35]]) >= 2, 20, "the collector got no spans")
        self.assertEqual({(path, kind) for path, kind, _ in collector.bodies}, {("/v1/traces", "application/json")})
        mine = next(s for s in spans() if s["spanId"] == ours[36:52])
        self.assertEqual((mine["traceId"], mine["parentSpanId"]), (PARENT[3:35], PARENT[36:52]))
        stages = [s for s in spans() if s.get("parentSpanId") == mine["spanId"]]
        self.assertEqual([s["name"] for s in stages], ["intake", "prepare", "publish"])
        for s in stages:
            self.assertLessEqual(int(mine["startTimeUnixNano"]), int(s["startTimeUnixNano"]))
            self.assertLessEqual(int(s["startTimeUnixNano"]), int(s["endTimeUnixNano"]))
            self.assertLessEqual(int(s["endTimeUnixNano"]), int(mine["endTimeUnixNano"]))
        self.assertLess(abs(int(mine["startTimeUnixNano"]) / 1e9 - time.time()), 600)
        sent = json.dumps(collector.bodies)
        for word in ("learner", "private", "secret"):
            self.assertNotIn(word, sent)
        log = self.watched.log()
        self.assertRegex(log, rf"info speed: dead letter: in/\d+/\d+, malformed_json at prepare trace_id={PARENT[3:35]}\n")
        for word in ("learner-", "private", "no JSON"):
            self.assertNotIn(word, log)

    def test_openmetrics_has_the_series_of_the_classic_page(self):
        page = self.watched.page("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        self.assertTrue(page.endswith("\n# EOF\n"))
        # The standard writes bounds otherwise, and lets what can be negative have no sum.
        samples = [re.sub(r'(le="-?\d+)\.0"', r'\1"', line.split(" # ")[0]) for line in page.splitlines() if not line.startswith("#")]
        classic = {s for s in series_of(self.watched.page())[0] if not re.match(r"chalkstream_deadline_slack_seconds_(sum|count)", s)}
        self.assertEqual({line.rsplit(" ", 1)[0] for line in samples} ^ classic, set())
        self.assertEqual(self.watched.query("max_over_time(scrape_samples_scraped[5m])")[0]["value"][1], str(len(samples)))
        self.assertEqual(self.watched.query("min_over_time(up[5m])")[0]["value"][1], "1")

    def test_an_exemplar_leads_from_a_latency_to_the_span_that_the_collector_has(self):
        expected = {"request", "prepare", "publish"}
        sent = {"speed": ("in", b'{"id":"event-77","learner":"learner-secret","type":"essay","text":"private words"}')}
        if "short-answers" in self.watched.pipelines:
            sent["short-answers"] = ("submissions", (EXAMPLES / "submissions.jsonl").read_bytes().splitlines()[0])
            expected |= {"queue", "compute"}
        for topic, line in sent.values():
            self.watched.send(topic, [line], f"traceparent=00-{SLOW_TRACE}-00f067aa0ba902b7-01")

        def records():
            """The span of each of them, by its pipeline. What reads their results goes on with the trace."""
            return {attribute(s, "chalkstream.pipeline"): s for s in spans() if s["traceId"] == SLOW_TRACE and s["kind"] == 5}
        until(lambda: set(records()) >= set(sent), 30, "the collector got no spans")

        def seen():
            found = self.watched.exemplars('{__name__=~"chalkstream_.+_duration_seconds_bucket"}')
            return [(series, e) for series, e in found if e["labels"]["trace_id"] == SLOW_TRACE]
        stage = lambda series: re.fullmatch(r"chalkstream_(\w+)_duration_seconds_bucket", series["__name__"])[1]
        until(lambda: {stage(series) for series, _ in seen()} >= expected, 30, "Prometheus got no exemplars of each latency")
        found = seen()
        until(lambda: {e["labels"]["span_id"] for _, e in found} <= {s["spanId"] for s in records().values()}, 20, "the collector got no such span")
        for series, e in found:
            self.assertEqual(set(e["labels"]), {"trace_id", "span_id"})
            self.assertLessEqual(float(e["value"]), float(series["le"]))
            self.assertLess(abs(e["timestamp"] - time.time()), 120)
        for pipeline in sent:
            span = records()[pipeline]
            mine = [e for series, e in found if stage(series) == "request" and series["pipeline"] == pipeline]
            took = (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e9
            self.assertEqual([e["labels"]["span_id"] for e in mine], [span["spanId"]])
            self.assertAlmostEqual(float(mine[0]["value"]), took, places=6)
        page = self.watched.page("application/openmetrics-text")
        for word in ("learner", "secret", "private", "event-77"):
            self.assertNotIn(word, page)


if __name__ == "__main__":
    if any(shutil.which(tool) is None for tool in ("kcat", "prometheus", "promtool")):
        print("kcat, prometheus or promtool is not there")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
