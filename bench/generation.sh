#!/usr/bin/env bash
# Tokens a second of models that write:   GENERATORS=folder PYTHON=… bench/generation.sh
# - continuous batching against a batch at a time (batching_bench);
# - greedy decoding against transformers and CTranslate2 (generation_rounds.py), one thread each and two.
# PYTHON has torch, transformers, safetensors and ctranslate2; the models are made in GENERATORS if they are not there.
set -euo pipefail
: "${GENERATORS:?set GENERATORS to a scratch folder for the models, about 2 GB}"
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
out=${OUT:-$GENERATORS/generation.jsonl}
rounds=${ROUNDS:-3}
programs=$bench/../build/bench
[[ -f $GENERATORS/sources.jsonl ]] || "$python" "$bench/make_generators.py" "$GENERATORS"
for model in bart marian; do
  for batch in 8 32; do
    "$programs/batching_bench" "$GENERATORS/$model" --batch "$batch" --rounds "$rounds" |
      sed "s/\"name\": \"/&$model /" | tee -a "$out"
  done
done
"$python" "$bench/generation_rounds.py" "$GENERATORS" --rounds "$rounds" --bench "$programs/generation_bench" |
  tee -a "$out"
