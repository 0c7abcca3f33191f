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

# CIFAR-10's form: reddish, greenish and bluish pictures
for i in $(seq 0 199); do
  printf "\\x0$((i % 3))"
  for colour in 0 1 2; do
    head -c 1024 /dev/zero | tr '\0' "\\$(printf %03o $((i % 3 == colour ? 150 + i % 100 : i * 7 % 90)))"
  done
done >"$folder/colours.bin"

quietly() { "$@" >/dev/null 2>&1; }

# NAME, what an epoch's line must say, the program's words but for --out
killed_again_and_again() {
  local name=$1 line=$2; shift 2
  local whole=$folder/$name.whole killed=$folder/$name.killed
  local began spent kills=0 run
  began=$(date +%s%N)
  check "$name: a run ends" "$program" "$@" --out "$whole" 2>"$whole.err"
  check "$name: and says how good each epoch was" grep -q "$line" "$whole.err"
  spent=$(($(date +%s%N) - began))
  for share in 20 35 45 30 55 40 60 50 70 65; do # percent of what the whole run took
    "$program" "$@" --out "$killed" --resume >/dev/null 2>&1 &
    run=$! # the program's own, not a shell's
    sleep "$(awk "BEGIN { print $spent / 1e9 * $share / 100 }")"
    kill -9 "$run" 2>/dev/null && kills=$((kills + 1))
    wait "$run" 2>/dev/null
    [ -e "$killed/training.json" ] && [ ! -e "$killed/checkpoint.safetensors" ] && break
  done
  [ -e "$killed/checkpoint.safetensors" ] \
    && check "$name: the last one ends" quietly "$program" "$@" --out "$killed" --resume
  check "$name: it was killed several times ($kills)" [ "$kills" -ge 2 ]
  for file in model.safetensors losses.csv curve.csv curve.svg config.json training.json; do
    check "$name: $file is the same to the last byte" cmp "$whole/$file" "$killed/$file"
  done
  check "$name: nothing half-written is left" [ -z "$(find "$killed" -name '*.new' -o -name 'checkpoint*')" ]
}

words=(train classify --model "$folder/model" --data "$folder/rows.jsonl" --group question --epochs 6 --batch 4
  --learning-rate 1e-3 --patience 0 --threads 1 --checkpoint-every 11)
killed_again_and_again classify '^epoch 6/6: loss .*macro_f1' "${words[@]}"
killed_again_and_again seq2seq '^epoch 8/8: loss .*bleu' train seq2seq --data "$folder/rows.jsonl" --label label \
  --group question --epochs 8 --batch-tokens 64 --width 32 --inner 64 --layers 1 --decoder-layers 1 --patience 0 \
  --threads 1 --checkpoint-every 7
killed_again_and_again image-classify '^epoch 12/12: loss .*accuracy' train image-classify --data "$folder/colours.bin" \
  --epochs 12 --batch 8 --shift 0.1 --rotate 10 --flip 0.5 --patience 0 --threads 1 --checkpoint-every 7
check 'image-classify: the report is the same to the last byte' \
  bash -c 'cmp <(sed "s/[^ ]*image-classify[^ ]*//" "$1") <(sed "s/[^ ]*image-classify[^ ]*//" "$2")' - \
  "$folder/image-classify.whole/report.html" "$folder/image-classify.killed/report.html"
killed_again_and_again gan '^epoch 10/10: loss .*nearest_accuracy' train gan --data "$folder/colours.bin" \
  --epochs 10 --batch 16 --hidden-sizes 12,8 --shift 0.1 --rotate 10 --threads 1 --checkpoint-every 5
check 'gan: a sheet is the same to the last byte' \
  cmp "$folder/gan.whole/samples/epoch-0010.png" "$folder/gan.killed/samples/epoch-0010.png"
check 'gan: it draws a folder' quietly "$program" draw --model "$folder/gan.killed" --count 4 --out "$folder/drawn"
check 'gan: which is learnt from beside real pictures' quietly "$program" train image-classify --data "$folder/colours.bin" \
  --synthetic "$folder/drawn" --epochs 1 --threads 1 --out "$folder/mixed"
# Lines of one and the same few pictures
mkdir "$folder/lines"
"$program" draw --model "$folder/gan.whole" --count 40 --out "$folder/few" >/dev/null 2>&1
printf 'file\ttext\n' >"$folder/lines/labels.tsv"
find "$folder/few" -name '*.png' | sort | while read -r file; do
  name=$(basename "$(dirname "$file")")-$(basename "$file")
  cp "$file" "$folder/lines/$name"
  printf '%s\t%s\n' "$name" "${name%%-*}" >>"$folder/lines/labels.tsv"
done
killed_again_and_again ocr-line '^epoch 6/6: loss .*cer' train ocr-line --data "$folder/lines" --epochs 6 --batch 16 \
  --hidden-sizes 8,8,8,16,16 --shear 0.1 --patience 0 --threads 1 --checkpoint-every 5
check 'another seed gives another model' quietly "$program" "${words[@]}" --out "$folder/other" --seed 1
check 'which differs' bash -c '! cmp -s "$1" "$2"' - "$folder/classify.whole/model.safetensors" "$folder/other/model.safetensors"
exit "$failed"
