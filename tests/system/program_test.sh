#!/bin/bash
# The program as a person meets it: program_test.sh PROGRAM MODEL_DIRECTORY
set -u
program=$1 model=$2
folder=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill -9 "$server" 2>/dev/null; rm -rf "$folder"' EXIT
failed=0
check() { # what, command...
  local what=$1; shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; failed=1; fi
}
exits() { # status, command...
  local wanted=$1; shift
  "$@" >"$folder/out" 2>"$folder/err"
  local status=$?
  [ "$status" = "$wanted" ] || { echo "exit status $status, not $wanted"; return 1; }
}

check '--version exits 0' exits 0 "$program" --version
check '--version names the client library' grep -q 'librdkafka [0-9]' "$folder/out"
for command in serve check demo broker infer tokenize train eval bench top; do
  check "$command --help exits 0" exits 0 "$program" "$command" --help
  check "$command --help shows an example" grep -q '^Example' "$folder/out"
done
check 'an unknown command exits 2' exits 2 "$program" nonsense
check 'and is named' grep -q "no command 'nonsense'" "$folder/err"
check 'a misspelt command exits 2' exits 2 "$program" sevre --config "$folder/none.yaml"
check 'and the right one is suggested' grep -q "no command 'sevre'; did you mean 'serve'?" "$folder/err"
check 'a missing command exits 2' exits 2 "$program"
printf '%s\n' '{"id":1,"label":"a"}' '{"id":2,"label":"b"}' >"$folder/right.jsonl"
check 'eval exits 0' exits 0 "$program" eval --task classify --predictions "$folder/right.jsonl" \
  --references "$folder/right.jsonl" --bootstrap 20 --json "$folder/eval.json" --report "$folder/eval.html"
check 'and prints the figures' grep -Eq '^accuracy +1\.0000' "$folder/out"
check 'and writes them as JSON' grep -q '"accuracy":{"value":1,' "$folder/eval.json"
check 'and as a page' grep -q '</html>' "$folder/eval.html"
head -n 1 "$folder/right.jsonl" >"$folder/one.jsonl"
check 'eval of files that do not match exits 2' exits 2 "$program" eval --task classify \
  --predictions "$folder/one.jsonl" --references "$folder/right.jsonl"
check 'and names file and line' grep -q 'right.jsonl:2: ' "$folder/err"
check 'eval that cannot write exits 1' exits 1 "$program" eval --task classify --predictions "$folder/one.jsonl" \
  --references "$folder/one.jsonl" --json "$folder/nowhere/eval.json"
printf 'kafka: {brokers: embedded}\nnonsense: 1\n' >"$folder/wrong.yaml"
check 'a wrong configuration exits 2' exits 2 "$program" serve --config "$folder/wrong.yaml"
check 'and names file and line' grep -q 'wrong.yaml:2:1: ' "$folder/err"
printf '%s\n' '{"id":"a","text":"Plants use light."}' '{"id":"b"}' >"$folder/material.jsonl"
printf '%s\n' 'kafka: {brokers: embedded}' "models: {m: {path: $model}}" \
  'pipelines: {ask: {kind: answering, from: in, to: out, model: m, material: material.jsonl}}' >"$folder/ask.yaml"
check 'check of wrong course material exits 2' exits 2 "$program" check --config "$folder/ask.yaml"
check 'and names both files and lines' grep -q 'ask.yaml:3:[0-9]*: .*material.jsonl:2: text is missing' "$folder/err"
sed -i 2d "$folder/material.jsonl"
check 'check of right course material exits 0' exits 0 "$program" check --config "$folder/ask.yaml"

printf '%s\n' 'kafka: {brokers: embedded}' 'monitoring: {listen: 127.0.0.1:0}' "state_dir: $folder/state" \
  'pipelines: {numbers: {kind: echo, from: in, to: out}}' >"$folder/right.yaml"
"$program" serve --config "$folder/right.yaml" >"$folder/serve.out" 2>"$folder/serve.err" &
server=$!
for _ in $(seq 300); do grep -q '^ready' "$folder/serve.out" && break; sleep 0.1; done
check 'serve prints one line, with broker and metrics' \
  grep -Eqx 'ready: brokers [^ ]+:[0-9]+, metrics http://[^ ]+/metrics' "$folder/serve.out"
check 'and no other' [ "$(wc -l <"$folder/serve.out")" = 1 ]
metrics=$(sed -n 's/.*metrics \(http.*\)/\1/p' "$folder/serve.out")
check '/readyz answers' curl -sf -o /dev/null "${metrics%metrics}readyz"
check '/metrics answers' curl -sf -o "$folder/metrics" "$metrics"
address=${metrics#http://} address=${address%/metrics}
check 'top --once exits 0' exits 0 "$program" top --once --interval 0.2 --address "$address"
check 'and shows the process' grep -Eq '^1 process ' "$folder/out"
check 'and its pipeline' grep -Eq '^numbers +0 +0 ' "$folder/out"
check 'and writes no control characters into a file' bash -c '! grep -q "[[:cntrl:]]" "$1"' - "$folder/out"
check 'top of nobody exits 1' exits 1 "$program" top --once --interval 0.2 --address 127.0.0.1:1
check 'and says who' grep -q '^127.0.0.1:1: ' "$folder/out"
check 'top of what is no address exits 2' exits 2 "$program" top --once --address nonsense
if command -v promtool >/dev/null; then
  check 'promtool finds nothing' bash -c '[ -z "$(promtool check metrics <"$1" 2>&1)" ]' - "$folder/metrics"
fi
began=$SECONDS
kill -TERM "$server"
wait "$server"
check 'SIGTERM exits 0' [ $? = 0 ]
check 'within the grace' [ $((SECONDS - began)) -le 25 ]
server=

if [ -e "$model/model.safetensors" ]; then
  printf '%s\n' '{"id":1,"text":"Plants make sugar."}' broken >"$folder/two.jsonl"
  for command in "infer --task embed" "infer --task summarize" tokenize; do
    # shellcheck disable=SC2086
    "$program" $command --model "$model" --input "$folder/two.jsonl" >"$folder/out" 2>"$folder/err"
    echo "$command: exit status $?"
    check "$command answers every line" [ "$(wc -l <"$folder/out")" = 2 ]
  done
  printf '%s\n' '{"id":"a","text":"Plants make sugar from light. Plants need light to make sugar. My dog is old."}' |
    "$program" infer --task summarize --sentences 1 --model "$model" >"$folder/out"
  check 'a summary says where its sentence stands' \
    grep -Eq '^\{"id":"a","text":"Plants [^"]+","sentences":\[\{"start":[0-9]+,"end":[0-9]+,"score":0\.[0-9]+\}\]\}$' "$folder/out"
  check 'demo --once exits 0' exits 0 timeout 120 "$program" demo --once
  check 'and loses nothing' grep -Eqi 'lost[^0-9]*0([^0-9]|$)' "$folder/out"
else
  echo "no model in $model: infer, tokenize and demo were not run"
fi
exit $failed
