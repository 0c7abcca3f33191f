"""What lies in monitoring/dashboards and monitoring/alerts belongs together, and to docs/: no Prometheus needed."""
import importlib.util, json, pathlib, re, subprocess, sys, unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARDS, ALERTS = ROOT / "monitoring/dashboards", ROOT / "monitoring/alerts"
sys.dont_write_bytecode = True
sys.path.insert(0, str(DASHBOARDS))
import panels

DOCUMENTED = set(re.findall(r"`((?:chalkstream|process)_[a-z_]+)`", (ROOT / "docs/metrics.md").read_text()))
RECORDED = set(re.findall(r"- record: (\S+)", (ALERTS / "recording.yml").read_text()))


def queries():
    for dashboard in panels.DASHBOARDS:
        for _, row in dashboard.rows:
            for panel in row:
                for query, _ in panel.queries:
                    yield f"{dashboard.file}, {panel.title}", query


def alerts():
    """(name, its text) of each alert; the file is ours and regular."""
    parts = re.split(r"\n      - alert: ", (ALERTS / "alerting.yml").read_text())[1:]
    return [(part.splitlines()[0], part) for part in parts]


def anchors(markdown):
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.*)$", markdown, re.M)
    return {re.sub(r"[^a-z0-9 _-]", "", t.lower()).replace(" ", "-") for t in titles}


class monitoring_files_test(unittest.TestCase):
    def test_the_dashboards_are_what_their_source_says(self):
        done = subprocess.run([sys.executable, DASHBOARDS / "generate.py", "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_a_dashboard_that_somebody_edited_is_noticed(self):
        spec = importlib.util.spec_from_file_location("generate", DASHBOARDS / "generate.py")
        generate = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(generate)
        written = json.loads((DASHBOARDS / "operations.json").read_text())
        made = generate.dashboard(panels.OPERATIONS)
        self.assertEqual(written, made)
        written["panels"][1]["targets"][0]["expr"] += " * 2"
        self.assertNotEqual(written, made)

    def test_panels_do_not_overlap_and_say_what_they_show(self):
        for dashboard in panels.DASHBOARDS:
            taken = set()
            for panel in json.loads((DASHBOARDS / dashboard.file).read_text())["panels"]:
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(taken & cells, panel["title"])
                self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
                taken |= cells
                if panel["type"] != "row":
                    self.assertTrue(panel["description"].endswith("."), panel["title"])
                    self.assertTrue(panel["targets"], panel["title"])

    def test_exemplars_are_asked_for_of_the_latencies_that_have_them(self):
        shown = set()
        for dashboard in panels.DASHBOARDS:
            for panel in json.loads((DASHBOARDS / dashboard.file).read_text())["panels"]:
                for target in panel.get("targets", []):
                    if target.get("exemplar"):
                        shown.update(re.findall(r"chalkstream_\w+_bucket", target["expr"]))
                        self.assertTrue(target["range"], panel["title"])
        marked = re.findall(r"`(chalkstream_\w+)` \| histogram, exemplars", (ROOT / "docs/metrics.md").read_text())
        self.assertEqual(shown, {f"{name}_bucket" for name in marked})
        self.assertEqual(len(marked), 5)

    def test_every_metric_that_is_asked_for_is_documented(self):
        asked = list(queries()) + [(file.name, file.read_text()) for file in sorted(ALERTS.glob("*.yml"))]
        for place, text in asked:
            for name in re.findall(r"(?<![:\w])(?:chalkstream|process)_[a-z_]+", text):
                plain = re.sub(r"_(bucket|sum|count)$", "", name)
                self.assertTrue(plain in DOCUMENTED or name in DOCUMENTED, f"{place} asks for {name}")
            for name in re.findall(r"\w+:chalkstream_[a-z_]+:\w+", text):
                self.assertIn(name, RECORDED, place)

    def test_every_alert_has_a_severity_a_summary_and_a_paragraph(self):
        known = anchors((ROOT / "docs/runbook.md").read_text())
        for name, text in alerts():
            self.assertRegex(text, r"severity: (info|warning|critical)\}", name)
            self.assertIn("summary:", text, name)
            link = re.search(r"runbook_url: docs/runbook\.md#(\S+)", text)
            self.assertIsNotNone(link, name)
            self.assertIn(link[1], known, name)

    def test_the_runbook_speaks_of_every_alert_and_of_no_other(self):
        named = set(re.findall(r"`(Chalkstream\w+)`", (ROOT / "docs/runbook.md").read_text()))
        self.assertEqual(named, {name for name, _ in alerts()})

    def test_every_alert_has_a_test_in_which_it_fires(self):
        tests = (ROOT / "tests/monitoring/alerts_test.yml").read_text()
        fires = set(re.findall(r"- alertname: (\w+)\n\s+eval_time: \w+\n\s+exp_alerts:\n", tests))
        self.assertEqual(fires, {name for name, _ in alerts()})


if __name__ == "__main__":
    unittest.main()
