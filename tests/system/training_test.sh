#!/bin/bash
# A run that is killed goes on to the same end: training_test.sh PROGRAM GOLDENS
# SIGKILL at moments spread over the run, --resume each time, and at last the files of a run that was left alone.
set -u
program=$1 goldens=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
check() { # what, command...
  local what=$1; shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; failed=1; fi
}

cp -r "$goldens/roberta" "$folder/model"
cp "$goldens/words/tokenizer.json" "$folder/model"
sentences=('the river is water' 'light makes energy' 'water cuts the valley' 'plants makes sugar from light')
for i in $(seq 0 199); do
  labels=(wet bright)
  printf '{"id":%d,"question":"q%d","text":"%s %s","label":"%s"}\n' "$i" $((i % 20)) "${sentences[i % 4]}" \
    "$(printf 'a %.0s' $(seq $((i % 7))))" "${labels[i % 2]}"
done >"$folder/rows.jsonl"

words=(train classify --model "$folder/model" --data "$folder/rows.jsonl" --group question --epochs 6 --batch 4
  --learning-rate 1e-3 --patience 0 --threads 1 --checkpoint-every 11)
quietly() { "$@" >/dev/null 2>&1; }

began=$(date +%s%N)
check 'a run ends' "$program" "${words[@]}" --out "$folder/whole" 2>"$folder/whole.err"
check 'and says how good each epoch was' grep -q '^epoch 6/6: loss .*macro_f1' "$folder/whole.err"
spent=$(($(date +%s%N) - began))
kills=0
for share in 20 35 45 30 55 40 60 50 70 65; do # percent of what the whole run took
  "$program" "${words[@]}" --out "$folder/killed" --resume >/dev/null 2>&1 &
  run=$! # the program's own, not a shell's
  sleep "$(awk "BEGIN { print $spent / 1e9 * $share / 100 }")"
  kill -9 "$run" 2>/dev/null && kills=$((kills + 1))
  wait "$run" 2>/dev/null
  [ -e "$folder/killed/training.json" ] && [ ! -e "$folder/killed/checkpoint.safetensors" ] && break
done
[ -e "$folder/killed/checkpoint.safetensors" ] \
  && check 'the last one ends' quietly "$program" "${words[@]}" --out "$folder/killed" --resume
check "it was killed several times ($kills)" [ "$kills" -ge 2 ]
for file in model.safetensors losses.csv curve.csv curve.svg config.json training.json; do
  check "$file is the same to the last byte" cmp "$folder/whole/$file" "$folder/killed/$file"
done
check 'nothing half-written is left' [ -z "$(find "$folder/killed" -name '*.new' -o -name 'checkpoint*')" ]
check 'another seed gives another model' quietly "$program" "${words[@]}" --out "$folder/other" --seed 1
check 'which differs' bash -c '! cmp -s "$1" "$2"' - "$folder/whole/model.safetensors" "$folder/other/model.safetensors"
exit "$failed"
