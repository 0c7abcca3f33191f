"""What lies in deploy/ fits the program: deploy_test.py PROGRAM MODEL. What needs Go, root or a container engine to be checked
is in deploy/README.md."""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile, unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MODEL = sys.argv.pop(2)
PROGRAM = sys.argv.pop(1)


def run(*command, **settings):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, **settings)


def linked_with(file):
    """What a file names itself, and where the loader finds it."""
    named = set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", file, check=True).stdout))
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", file, check=True).stdout, re.M))
    return {name: found[name] for name in named if name in found}


def owners(libraries):
    """The Debian packages that libraries are from; those of no package are left out."""
    places = {place: library for library in libraries
              for place in (library, os.path.realpath(library), os.path.realpath(library).removeprefix("/usr"))}
    told = re.findall(r"^(\S+?)(?::\w+)?: (/\S+)$", run("dpkg-query", "-S", *places).stdout, re.M)
    return {places[place]: package for package, place in told if place in places}


class packages_test(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg-query"), "not Debian")
    def test_what_the_program_and_its_own_libraries_are_linked_with_is_listed(self):
        listed = re.sub("#.*", "", (DEPLOY / "packages.txt").read_text()).split()
        self.assertEqual(len(listed), len(set(listed)))
        own, needed = [PROGRAM], {"ca-certificates"}
        for file in own:
            libraries = linked_with(file).values()
            packages = owners(libraries)
            needed.update(packages.values())
            # LibTorch and librdkafka are from elsewhere, and installed beside the program.
            own += [library for library in libraries if library not in packages and library not in own]
        needed -= {"libc6", "librdkafka1", "libasan8", "libubsan1"}  # the last two of a program that is being looked over
        self.assertGreater(len(own), 1)
        self.assertEqual(needed - set(listed), set())


class fill_test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def fill(self, text, **variables):
        (self.folder / "in.yaml").write_text(text)
        told = run(DEPLOY / "fill.sh", self.folder / "in.yaml", self.folder / "out.yaml",
                   env={"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(self.folder), **variables})
        out = self.folder / "out.yaml"
        return told, out.read_text() if out.exists() else None

    def test_a_file_and_a_variable_are_filled_in_and_quoted(self):
        (self.folder / "secret").write_text("it's \"a\" \\ #{secret}: &\n")
        told, text = self.fill("""a: {b: "${file:secret}", c: '${env:WHERE}'} # so\n"""
                               f"d: ${{file:{self.folder}/secret}}\n# ${{file:comment}}\n", WHERE=":9464")
        self.assertEqual(told.returncode, 0, told.stderr)
        secret = "'it''s \"a\" \\ #{secret}: &'"
        self.assertEqual(text, f"a: {{b: {secret}, c: ':9464'}} # so\nd: {secret}\n# ${{file:comment}}\n")
        self.assertEqual((self.folder / "out.yaml").stat().st_mode & 0o777, 0o600)

    def test_what_is_missing_or_no_whole_value_is_refused_and_nothing_written(self):
        (self.folder / "lines").write_text("a\nb\n")
        (self.folder / "empty").write_text("")
        (self.folder / "control").write_text("a\tb")
        for text in ('a: "${file:none}"', 'a: "${file:lines}"', 'a: "${file:empty}"', 'a: "${file:control}"', 'a: "${env:NONE}"',
                     'a: "x${env:HERE}"', 'a: ${env:HERE}x', 'a: "${env:HERE} ${env:HERE}"'):
            told, out = self.fill(f"# first\n{text}\n", HERE="here")
            self.assertEqual((told.returncode, out), (1, None), text)
            self.assertIn("in.yaml:2: ", told.stderr)
            self.assertEqual([f.name for f in self.folder.glob("out*")], [])


class configurations_test(unittest.TestCase):
    def check(self, name):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        text = (DEPLOY / name).read_text()
        for model, here in (("minilm", MODEL), ("print", ROOT / "examples/printed")):
            text = re.sub(rf"/(srv/chalkstream/)?models/{model}\b", str(here), text)
        (folder / "named.yaml").write_text(text.replace("/var/lib/chalkstream", str(folder / "state")))
        (folder / "kafka-password").write_text("secret")
        filled = run(DEPLOY / "fill.sh", folder / "named.yaml", folder / "filled.yaml",
                     env={**os.environ, "CREDENTIALS_DIRECTORY": str(folder), "CHALKSTREAM_LISTEN": "127.0.0.2:9464"})
        self.assertEqual(filled.returncode, 0, filled.stderr)
        told = run(PROGRAM, "check", "--offline", "--config", folder / "filled.yaml")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertNotIn("secret", told.stdout.replace(str(folder), ""))
        return told.stdout

    def test_the_production_example_is_valid(self):
        self.assertIn('listen: "127.0.0.2:9464"', self.check("chalkstream.yaml"))

    def test_composes_configuration_is_valid(self):
        self.check("compose/chalkstream.yaml")

    @unittest.skipUnless(shutil.which("promtool"), "no promtool")
    def test_prometheus_configurations_are_valid(self):
        for file in (DEPLOY / "prometheus").glob("*.yml"):
            told = run("promtool", "check", "config", "--syntax-only", file)
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)

    def test_the_charts_schema_is_json(self):
        schema = json.loads((DEPLOY / "helm/chalkstream/values.schema.json").read_text())
        keys = re.findall(r"^(\w+):", (DEPLOY / "helm/chalkstream/values.yaml").read_text(), re.M)
        self.assertEqual(sorted(keys), sorted(set(schema["properties"]) - {"global"}))


class units_test(unittest.TestCase):
    def text(self, name):
        return (DEPLOY / "systemd" / name).read_text()

    def test_the_template_is_the_service_but_for_its_instance(self):
        def settings(name):
            return [line for line in self.text(name).splitlines() if re.match(r"\w+=", line)]
        template = [line.replace("chalkstream-%i", "chalkstream").replace("127.0.0.%i", "127.0.0.1").replace(", process %i", "")
                    .replace("WantedBy=chalkstream.target", "WantedBy=multi-user.target")
                    for line in settings("chalkstream@.service") if not line.startswith("PartOf=")]
        self.assertEqual(template, settings("chalkstream.service"))

    def test_it_is_given_more_time_to_stop_than_a_drain_takes(self):
        stop = int(re.search(r"^TimeoutStopSec=(\d+)$", self.text("chalkstream.service"), re.M)[1])
        grace = int(re.search(r"^  drain_grace: (\d+)s", (DEPLOY / "chalkstream.yaml").read_text(), re.M)[1])
        self.assertGreaterEqual(stop, grace + 15)

    def test_the_autoscaler_may_start_and_stop_the_processes_it_can_ask_about_and_nothing_else(self):
        rule = self.text("chalkstream-autoscale.rules")
        allowed = re.compile(re.search(r"/(\^.*\$)/\.test\(action\.lookup\(.unit.\)\)", rule)[1])
        named = {f"chalkstream@{number}.service" for number in range(300) if allowed.match(f"chalkstream@{number}.service")}
        self.assertEqual(named, {f"chalkstream@{number}.service" for number in range(1, 255)})
        for other in ("ssh.service", "chalkstream.service", "chalkstream@01.service", "chalkstream@1.service.d", "xchalkstream@1.service",
                      "chalkstream@1xservice", "chalkstream@1.socket"):
            self.assertIsNone(allowed.match(other), other)
        user = re.search(r"^User=(.*)$", self.text("chalkstream-autoscale.service"), re.M)[1]
        self.assertIn(f'subject.user == "{user}"', rule)
        self.assertIn(f"\nu {user} ", self.text("chalkstream.sysusers.conf"))

    def test_all_that_is_installed_is_where_it_says(self):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "etc/polkit-1/rules.d").mkdir(parents=True)
        told = run(DEPLOY / "install.sh", "--units", root)
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        installed = {file.relative_to(root).as_posix(): file.read_text() for file in root.rglob("*") if file.is_file()}
        for name in ("chalkstream.service", "chalkstream@.service", "chalkstream-autoscale.service", "chalkstream.target"):
            self.assertEqual(installed.pop(f"etc/systemd/system/{name}"), self.text(name))
        self.assertEqual(len(installed), 3)
        for place, text in installed.items():
            self.assertRegex(text, rf"\A(#|//) /{re.escape(place)}[:\n]")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd")
    def test_systemd_understands_them_and_finds_little_exposed(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("chalkstream.service", "chalkstream@.service", "chalkstream-autoscale.service", "chalkstream.target"):
            (folder / name).write_text(re.sub(r"/opt/chalkstream/bin/\S+", "/bin/true", self.text(name)))
        told = run("systemd-analyze", "verify", *(folder / f"chalkstream{of}" for of in (".service", "@1.service", "-autoscale.service", ".target")))
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        for name in ("chalkstream.service", "chalkstream@.service", "chalkstream-autoscale.service"):
            told = run("systemd-analyze", "security", "--offline=yes", "--threshold=20", folder / name)
            self.assertEqual(told.returncode, 0, told.stdout[-200:] + told.stderr)


if __name__ == "__main__":
    unittest.main()
