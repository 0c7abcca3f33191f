"""Processes that come and go share the partitions of a real broker evenly, and every record is answered once:
processes_test.py PROGRAM DEPENDENCIES. What it does to those that stay is measured, by the same steps, in bench/processes.py."""
import os
import pathlib
import sys
import tempfile
import unittest

os.environ["CHALK_DEPS"] = sys.argv.pop(2)
os.environ["CHALKSTREAM_PROGRAM"] = sys.argv.pop(1)
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import processes


class processes_test(unittest.TestCase):
    def test_one_two_and_four_processes_share_twelve_partitions_and_answer_every_record_once(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        kafka = processes.broker(folder)
        self.addCleanup(kafka.stop)
        happened, sent, of, ids = processes.come_and_go(folder, kafka, 6, 4)
        self.assertEqual(len(of), 12)
        # Twelve seconds after each, when the next happens, and in the end: machines are busy while tests run.
        settled = [begin for _, begin, _ in happened[1:]] + [float("inf")]
        self.assertEqual([processes.shares(of, at) for at in settled],
                         [{"a": 6, "b": 6}, {"a": 3, "b": 3, "c": 3, "d": 3}, {"a": 4, "b": 4, "d": 4}, {"a": 6, "b": 6}, {"b": 12}])
        self.assertEqual((len(ids), set(ids.values())), (sent, {1}))


if __name__ == "__main__":
    unittest.main()
