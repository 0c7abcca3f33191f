"""cmake/check_layers.py finds each kind of offence, and nothing in a tree that keeps to the table."""
import pathlib, sys, tempfile, unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "cmake"))
import check_layers


def offences(files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text + "\n", encoding="utf-8")
        return list(check_layers.check(pathlib.Path(folder)))


class layers_test(unittest.TestCase):
    def accepts(self, path, text):
        self.assertEqual(offences({path: text}), [])

    def rejects(self, path, text, reason):
        found = offences({path: text})
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:1: "), found)
        self.assertIn(reason, found[0])

    def test_an_arrow_upwards_or_sideways_is_rejected(self):
        for path, used in [
            ("core/a.hpp", "actors/b.hpp"), ("kafka/a.cpp", "models/b.hpp"), ("actors/a.cpp", "kafka/b.hpp"),
            ("models/a.cpp", "monitoring/b.hpp"), ("models/text/a.cpp", "models/families/b.hpp"),
            ("education/a.cpp", "actors/b.hpp"), ("pipelines/a.cpp", "app/b.hpp"),
            ("app/a.cpp", "actors/b.hpp"), ("tests/support/a.hpp", "kafka/b.hpp"),
            ("tests/actors/a_test.cpp", "models/b.hpp"), ("tests/core/a_test.cpp", "actors/b.hpp"),
        ]:
            self.rejects(path, f'#include "{used}"', "must not include")

    def test_production_code_does_not_include_tests(self):
        self.rejects("actors/a.cpp", '#include "tests/support/fake_source.hpp"', "must not include tests/support")

    def test_arrows_downwards_are_accepted(self):
        for path, used in [
            ("core/a.cpp", "core/b.hpp"), ("kafka/a.cpp", "core/b.hpp"),
            ("models/a.cpp", "models/text/b.hpp"), ("pipelines/tools/a.cpp", "kafka/b.hpp"),
            ("app/main.cpp", "pipelines/b.hpp"), ("tests/actors/a_test.cpp", "tests/support/b.hpp"),
            ("tests/models/a_test.cpp", "models/text/b.hpp"), ("tests/system/a_test.cpp", "kafka/b.hpp"),
            ("bench/a.cpp", "pipelines/b.hpp"),
        ]:
            self.accepts(path, f'#include "{used}"')

    def test_a_foreign_library_is_seen_in_its_own_folders_alone(self):
        for path, used in [
            ("core/a.cpp", "caf/all.hpp"), ("actors/a.cpp", "ATen/ATen.h"),
            ("models/a.cpp", "librdkafka/rdkafka.h"), ("kafka/a.cpp", "prometheus/counter.h"),
            ("models/text/a.cpp", "torch/torch.h"), ("education/a.cpp", "yaml-cpp/yaml.h"),
            ("pipelines/a.cpp", "hnswlib/hnswlib.h"), ("pipelines/a.cpp", "CLI/CLI.hpp"), ("kafka/a.cpp", "spdlog/spdlog.h"),
            ("core/a.cpp", "nlohmann/json.hpp"), ("core/a.hpp", "unicode/uchar.h"),
            ("core/a.cpp", "openssl/evp.h"), ("kafka/a.cpp", "boost/asio.hpp"),
            ("core/a.cpp", "gtest/gtest.h"), ("app/a.cpp", "civetweb.h"),
            ("tests/actors/a_test.cpp", "ATen/ATen.h"),
        ]:
            self.rejects(path, f"#include <{used}>", "is not for files of")

    def test_a_foreign_library_stays_out_of_headers(self):
        for path, used in [
            ("models/a.hpp", "ATen/ATen.h"), ("kafka/a.hpp", "librdkafka/rdkafka.h"),
            ("monitoring/a.hpp", "prometheus/counter.h"), ("education/a.hpp", "simdjson.h"),
            ("pipelines/a.hpp", "yaml-cpp/yaml.h"), ("models/text/a.hpp", "unicode/uchar.h"),
            ("education/a.hpp", "hnswlib/hnswlib.h"),
        ]:
            self.rejects(path, f"#include <{used}>", "is not for headers of")

    def test_a_library_in_its_place_is_accepted(self):
        for path, used in [
            ("actors/a.hpp", "caf/all.hpp"), ("models/a.cpp", "ATen/ATen.h"),
            ("kafka/a.cpp", "librdkafka/rdkafka.h"), ("monitoring/a.cpp", "prometheus/counter.h"),
            ("app/a.cpp", "CLI/CLI.hpp"), ("core/a.hpp", "vector"), ("kafka/a.cpp", "sys/eventfd.h"),
            ("tests/kafka/a_test.cpp", "librdkafka/rdkafka.h"), ("tests/core/a_test.cpp", "gtest/gtest.h"),
        ]:
            self.accepts(path, f"#include <{used}>")

    def test_core_has_no_threads_input_or_output(self):
        for used in [
            "thread", "mutex", "condition_variable", "future", "fstream", "iostream", "filesystem",
        ]:
            self.rejects("core/a.cpp", f"#include <{used}>", "core has no threads")
        self.rejects("core/a.cpp", "#include <unistd.h>", "operating system")

    def test_an_unknown_library_must_be_entered_in_the_table_first(self):
        self.rejects("kafka/a.cpp", "#include <absl/strings/str_cat.h>", "belongs to no library")

    def test_includes_are_written_from_the_root(self):
        for used in [
            "batcher.hpp", "../core/batcher.hpp", "detail/batcher.hpp",
        ]:
            self.rejects("core/a.cpp", f'#include "{used}"', "is not a path from the root")

    def test_the_words_of_one_caf_release_are_spelled_in_the_vocabulary_alone(self):
        for word in [
            "self->send(to, x);", "self_->request(to, 1s, x);", "self.delegate(to, x);",
            "self_->state.n = 1;", "caf::anon_send(to, x);", "self_->mail(x).send(to);",
        ]:
            self.rejects("actors/a.cpp", "  " + word, "caf_vocabulary.hpp alone")
            self.rejects("tests/actors/a_test.cpp", "  " + word, "caf_vocabulary.hpp alone")
            self.accepts("actors/caf_vocabulary.hpp", "  " + word)
            self.accepts("tests/support/actor_fixture.hpp", "  " + word)
        self.accepts("actors/a.cpp", "tell(self_, to, x); caf::anon_send_exit(to, why); self_->quit(); // not self->send")


if __name__ == "__main__":
    unittest.main()
