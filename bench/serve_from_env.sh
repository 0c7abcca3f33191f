#!/usr/bin/env bash
# Serves one pipeline from $IN_TOPIC to $OUT_TOPIC of $BOOTSTRAP in the group $GROUP, as the driver of the peers asks.
# KIND=echo takes no model; DELIVERY=at_least_once leaves transactions out; otherwise embedding, exactly once.
set -euo pipefail
folder=${TMPDIR:-/tmp}/chalkstream-bench/$GROUP
mkdir -p "$folder"
{
  echo "kafka: {brokers: '$BOOTSTRAP', group: '$GROUP', delivery: ${DELIVERY:-exactly_once}}"
  echo "monitoring: {listen: '${LISTEN:-127.0.0.1:0}'}"
  echo "state_dir: '$folder/state'"
  [[ ${KIND:-embedding} == echo ]] || echo "models: {minilm: {path: '$CHALKSTREAM_MODEL'}}"
  echo "pipelines:"
  echo "  bench:"
  echo "    kind: ${KIND:-embedding}"
  echo "    from: '$IN_TOPIC'"
  echo "    to: '$OUT_TOPIC'"
  echo "    dead_letters: bench.dead"
  [[ ${KIND:-embedding} == echo ]] || echo "    model: minilm"
} >"$folder/bench.yaml"
exec "${CHALKSTREAM_PROGRAM:?}" serve --config "$folder/bench.yaml"
