#!/usr/bin/env bash
# A pipeline without a model, exactly once, against what the broker's own tools produce (p) and consume (c) in the same
# run. Whatever reads and writes every record can reach 1/(1/p + 1/c) if nothing overlaps.   RECORDS=500000
set -euo pipefail
. "$(dirname "$0")/environment.sh"
records=${RECORDS:-500000}
tool() { "$PEERS_SCRIPTS/kafka.sh" tool "$@" 2>/dev/null; }
with_broker
events=$(mktemp)
at_exit 'rm -f "$events"'
"$python" - >"$events" <<'PYTHON'
import json, random
draw = random.Random(7)
for i in range(1000):
    text = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz   ", k=480))
    print(json.dumps({"id": str(i), "tenant": "bench", "learner": f"l{i % 97}", "course": "c", "assignment": "a",
                      "item": "q", "attempt": 1, "type": "essay", "text": text, "occurred_at": "2026-01-01T00:00:00Z"}))
PYTHON

for round in $(seq "$ROUNDS"); do
  topic=nomodel-$$-$round
  "$PEERS_SCRIPTS/kafka.sh" topic "$topic" 4 >/dev/null
  "$PEERS_SCRIPTS/kafka.sh" topic "$topic-out" 4 >/dev/null
  tool org.apache.kafka.tools.ProducerPerformance --topic "$topic" --num-records "$records" --payload-file "$events" \
    --throughput -1 --producer-props bootstrap.servers="$BOOTSTRAP" acks=all linger.ms=5 batch.size=131072 \
    enable.idempotence=true |
    tail -n 1 | awk '{ printf "{\"name\": \"produce\", \"records_per_s\": %d}\n", $4 }' | record nomodel "$round"
  tool org.apache.kafka.tools.ConsumerPerformance --topic "$topic" --messages "$records" --bootstrap-server "$BOOTSTRAP" |
    tail -n 1 | awk -F', ' '{ printf "{\"name\": \"consume\", \"records_per_s\": %d}\n", $6 }' | record nomodel "$round"
  KIND=echo IN_TOPIC=$topic OUT_TOPIC=$topic-out GROUP=$topic "$python" "$bench/echo_rate.py" "$records" |
    record nomodel "$round"
  "$PEERS_SCRIPTS/kafka.sh" drop "$topic" >/dev/null
  "$PEERS_SCRIPTS/kafka.sh" drop "$topic-out" >/dev/null
done
