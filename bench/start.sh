#!/usr/bin/env bash
# Seconds from start to the line `ready`, and the memory resident then (run_peers.sh has the peak under load).
set -euo pipefail
. "$(dirname "$0")/environment.sh"
with_broker
weights=$(($(stat -Lc %s "$CHALKSTREAM_MODEL/model.safetensors") / 1048576))
for round in $(seq "$ROUNDS"); do
  topic=start-$$-$round
  "$PEERS_SCRIPTS/kafka.sh" topic "$topic" 4 >/dev/null
  log=$(mktemp)
  begin=$(date +%s%N)
  IN_TOPIC=$topic OUT_TOPIC=$topic-out GROUP=$topic "$bench/serve_from_env.sh" >"$log" 2>&1 &
  engine=$!
  until grep -q ready "$log"; do
    kill -0 "$engine" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.02
  done
  took=$((($(date +%s%N) - begin) / 1000000))
  awk -v ms="$took" -v w="$weights" '/^VmRSS/ { rss = $2 / 1024 }
    END { printf "{\"name\": \"start\", \"ready_s\": %.2f, \"rss_mib\": %d, \"weights_mib\": %d}\n", ms / 1000, rss, w }' \
    "/proc/$engine/status" | record start "$round"
  kill "$engine"
  wait "$engine" || true
  rm -f "$log"
  "$PEERS_SCRIPTS/kafka.sh" drop "$topic" >/dev/null
done
