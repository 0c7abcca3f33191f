#!/usr/bin/env bash
# Documents per CPU-second of `chalkstream infer --task embed` (text in, vector out as JSON) against a bare packed
# forward pass of the same model in PyTorch, tokens ready made; one thread each.   bench/infer_vs_forward.sh [ROUND]
# Without ROUND it runs ROUNDS of them, the order alternating.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
docs=${DOCS:-256}

ours() {
  "$python" "$bench/cpu_rate.py" --name infer --docs "$docs" -- \
    "$CHALKSTREAM_PROGRAM" infer --model "$CHALKSTREAM_MODEL" --task embed --slots 1
}
bare() {
  (cd "$PEERS_SCRIPTS" && "$python" forward.py --threads 1 --docs "$docs" --repeats 1 --only packed --formats fp32) |
    awk -F'|' '/^\| fp32 packed/ { printf "{\"name\": \"forward\", \"docs_per_cpu_s\": %.2f}\n", $3 }'
}

for round in ${1:-$(seq "$ROUNDS")}; do
  order=(ours bare)
  ((round % 2)) || order=(bare ours)
  for one in "${order[@]}"; do "$one" | record infer "$round"; done
done
