#!/usr/bin/env bash
# Documents per CPU-second of `chalkstream tokenize` (JSON in, ids and offsets as JSON out) against Hugging Face
# `tokenizers` from Python, texts and results in memory; one thread each.   bench/tokenizers.sh
set -euo pipefail
. "$(dirname "$0")/environment.sh"
theirs() {
  TOKENIZERS_PARALLELISM=false "$python" - "$PEERS/data/docs.jsonl" "$CHALKSTREAM_MODEL/tokenizer.json" <<'PYTHON'
import json, sys, time
from tokenizers import Tokenizer
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
tokenizer = Tokenizer.from_file(sys.argv[2])
tokenizer.no_padding()
tokenizer.no_truncation()
tokenizer.encode_batch(texts[:100])
for name, encode in [("tokenizers", tokenizer.encode_batch), ("tokenizers-fast", tokenizer.encode_batch_fast)]:
    start = time.process_time()
    encode(texts)
    print(json.dumps({"name": name, "docs_per_cpu_s": round(len(texts) / (time.process_time() - start), 1)}))
PYTHON
}
ours() {
  "$python" "$bench/cpu_rate.py" --name tokenize --docs 5000 -- "$CHALKSTREAM_PROGRAM" tokenize --model "$CHALKSTREAM_MODEL"
}
for round in $(seq "$ROUNDS"); do
  order=(ours theirs)
  ((round % 2)) || order=(theirs ours)
  for one in "${order[@]}"; do "$one" | record tokenizers "$round"; done
done
