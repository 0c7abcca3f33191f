#!/usr/bin/env bash
# Our engine beside its peers through one real broker: ROUNDS rounds, the order rotating, every engine on the same
# documents and model. JSON lines go to $OUT; bench/report.py makes the tables.
#   bench/run_peers.sh [PEER…]      N documents a drain (Quix: NQ), then RATE documents/s for RATE_SECS seconds
set -euo pipefail
. "$(dirname "$0")/environment.sh"
names=("$@")
((${#names[@]})) || names=(chalkstream quix python-b1 python-b1-eos python-packed-eos mlserver litserve faust djl)
export N="${N:-400}" RATE="${RATE:-6}" RATE_SECS="${RATE_SECS:-30}" CHALKSTREAM="$bench/serve_from_env.sh"
export NQ="${NQ:-$N}"
with_broker
# A broker that has just started compiles itself beside whoever comes first: one run is thrown away.
"$PEERS_SCRIPTS/kafka_peers.sh" chalkstream >/dev/null
count=${#names[@]}
for ((round = 1; round <= ROUNDS; round++)); do
  for ((i = 0; i < count; i++)); do
    "$PEERS_SCRIPTS/kafka_peers.sh" "${names[(i + round - 1) % count]}" | record peers "$round" || true
  done
  "$bench/latency.sh" "$round"
  "$bench/infer_vs_forward.sh" "$round"
done
rm -rf "${TMPDIR:-/tmp}/chalkstream-bench"
