# shellcheck shell=bash disable=SC2034
# Sourced by the scripts here: where the peers and the program are. Every path comes from the environment.
: "${PEERS:?set PEERS to the scratch folder of the peers (their environments, models, documents, logs)}"
: "${PEERS_SCRIPTS:?set PEERS_SCRIPTS to the folder of the scripts that start the peers (drive.py and its neighbours)}"
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PEERS PEERS_SCRIPTS bench
export BOOTSTRAP="${BOOTSTRAP:-127.0.0.1:19092}"
export CHALKSTREAM_PROGRAM="${CHALKSTREAM_PROGRAM:-$bench/../build/chalkstream}"
export CHALKSTREAM_MODEL="${CHALKSTREAM_MODEL:-$PEERS/models/minilm}"
export OUT="${OUT:-$PEERS/results/chalkstream.jsonl}"
export ROUNDS="${ROUNDS:-3}"
python=$PEERS/venv/bin/python

# at_exit COMMAND: runs it when the script ends; the last one given runs first.
ending=''
at_exit() {
  ending="$1; $ending"
  # shellcheck disable=SC2064
  trap "$ending" EXIT
}

# A broker for as long as the script runs, unless one listens at BOOTSTRAP already.
with_broker() {
  broker_answers && return
  "$PEERS_SCRIPTS/kafka.sh" start >&2
  at_exit stop_broker
}

broker_answers() { (exec 3<>"/dev/tcp/${BOOTSTRAP%:*}/${BOOTSTRAP##*:}") 2>/dev/null; }

# Returns when it is gone: the next script asks whether one is there.
stop_broker() {
  "$PEERS_SCRIPTS/kafka.sh" stop
  while broker_answers; do sleep 0.2; done
}

# record BENCH ROUND: JSON objects from standard input, marked with both, onto $OUT and the screen.
record() {
  sed -n "s/^{/{\"bench\": \"$1\", \"round\": $2, /p" | tee -a "$OUT"
}
