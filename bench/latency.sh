#!/usr/bin/env bash
# Latency of our engine at half its own maximum, and of the longest document alone.   bench/latency.sh [ROUND]
set -euo pipefail
. "$(dirname "$0")/environment.sh"
with_broker
drive() { (cd "$PEERS_SCRIPTS" && "$python" drive.py --fmt native --app "$bench/serve_from_env.sh" "$@"); }
drive --name half-load --n "${N:-400}" --rate-frac 0.5 --rate-secs "${RATE_SECS:-30}" | record latency "${1:-1}"

# The driver reads its documents below PEERS: a folder with copies of one of them.
alone=$PEERS/longest
mkdir -p "$alone/data" "$alone/logs" "$alone/results"
"$python" - "$PEERS/data/docs.jsonl" >"$alone/data/docs.jsonl" <<'PYTHON'
import json, sys
longest = max((json.loads(line) for line in open(sys.argv[1])), key=lambda d: d.get("tokens", len(d["text"])))
for i in range(20):
    print(json.dumps(dict(longest, id=i)))
PYTHON
PEERS=$alone drive --name longest-alone --n 20 --rate 2 --rate-secs 20 | record latency "${1:-1}"
