#!/usr/bin/env python3
"""Starts serve_from_env.sh on a topic that holds N records and times the group's committed offsets: echo_rate.py N.

Committed offsets move with the transactions that hold the results, so nothing has to read the results to time them.
"""
import json, os, signal, subprocess, sys, time
import psutil
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

records = int(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
group = os.environ["GROUP"] + ".bench"  # each pipeline is a group of its own
admin = AdminClient({"bootstrap.servers": os.environ["BOOTSTRAP"]})


def committed():
    try:
        answer = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(10)
    except Exception:  # the group does not exist yet
        return 0
    return sum(max(0, p.offset) for p in answer.topic_partitions if p.topic == os.environ["IN_TOPIC"])


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the engine below ends with us
log = open(os.path.join(os.environ["PEERS"], "logs", os.environ["GROUP"] + ".log"), "w")
engine = subprocess.Popen([os.path.join(here, "serve_from_env.sh")], stdout=log, stderr=log, start_new_session=True)
process, marks, end = psutil.Process(engine.pid), [], time.time() + 300
try:
    while time.time() < end and engine.poll() is None and (not marks or marks[-1][1] < records):
        spent = process.cpu_times()
        marks.append((time.time(), committed(), spent.user + spent.system))
        time.sleep(0.05)
    if engine.poll() is not None or marks[-1][1] < records:
        raise SystemExit(f"the engine stopped at {marks[-1][1]} of {records} records")
    first = next(m for m in marks if m[1] >= records / 20)
    last = marks[-1]
    print(json.dumps({"name": "echo", "records_per_s": round((last[1] - first[1]) / (last[0] - first[0])),
                      "cpu_pct": round(100 * (last[2] - first[2]) / (last[0] - first[0])),
                      "rss_mib": round(process.memory_info().rss / 2**20)}))
finally:
    if engine.poll() is None:
        os.killpg(engine.pid, signal.SIGTERM)
        engine.wait(30)
