#!/usr/bin/env bash
# Documents per CPU-second, one thread each, against Hugging Face `tokenizers` from Python:   bench/tokenizers.sh
# - `chalkstream tokenize` with WordPiece (JSON in, ids and offsets as JSON out; texts and results in memory there);
# - BPE, Unigram and SentencePiece files with 8,000 tokens trained from the documents (tokenizer_bench; both in memory,
#   cut at 512 tokens), the files against `sentencepiece`, which cuts nothing.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
documents=$PEERS/data/docs.jsonl
trained=$PEERS/tokenizers
tokenizer_bench="${TOKENIZER_BENCH:-$bench/../build/bench/tokenizer_bench}"
theirs() {
  TOKENIZERS_PARALLELISM=false "$python" - "$documents" "$1" <<'PYTHON'
import json, os, sys, time
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
model = os.path.basename(sys.argv[2])
file = os.path.join(sys.argv[2], "tokenizer.json")
if os.path.exists(file):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_padding()
    tokenizer.no_truncation() if model == "minilm" else tokenizer.enable_truncation(512)
    ways = [("tokenizers", tokenizer.encode_batch), ("tokenizers-fast", tokenizer.encode_batch_fast)]
else:
    import sentencepiece
    name = "spiece.model" if model == "pieces" else "tokenizer.model"
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=os.path.join(sys.argv[2], name))
    ways = [("sentencepiece", lambda texts: tokenizer.encode(texts, num_threads=1))]
for name, encode in ways:
    encode(texts[:100])
    start = time.process_time()
    encode(texts)
    rate = round(len(texts) / (time.process_time() - start), 1)
    print(json.dumps({"name": name if model == "minilm" else name + " " + model, "docs_per_cpu_s": rate}))
PYTHON
}
ours() {
  if [[ $1 == "$trained"/* ]]; then
    "$tokenizer_bench" "$1" "$documents" \
      | sed "s/.*\"offsets_docs_s\": \([0-9]*\).*/{\"name\": \"chalkstream ${1##*/}\", \"docs_per_cpu_s\": \1}/"
  else
    "$python" "$bench/cpu_rate.py" --name tokenize --docs 5000 -- "$CHALKSTREAM_PROGRAM" tokenize --model "$1"
  fi
}
[[ -d $trained ]] || "$python" "$bench/train_tokenizers.py" "$documents" "$trained"
for round in $(seq "$ROUNDS"); do
  order=(ours theirs)
  ((round % 2)) || order=(theirs ours)
  for model in "$CHALKSTREAM_MODEL" "$trained"/{bpe,unigram,pieces,pieces_bpe}; do
    for one in "${order[@]}"; do "$one" "$model" | record tokenizers "$round"; done
  done
done
