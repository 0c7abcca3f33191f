#!/usr/bin/env bash
# A real local Apache Kafka: one KRaft node that is broker and controller, for trying things out, for tests and for
# measurements. Data survives a stop; nothing is replicated. `kafka.sh help` lists the words.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
home=$(readlink -m "${CHALK_DEPS:-$here/../../.deps}")/kafka
libs=$home/libs
version=$(sed -nE 's|.*<kafka.version>(.*)</kafka.version>.*|\1|p' "$here/pom.xml")

usage() {
  cat <<'TEXT'
kafka.sh fetch                      download Apache Kafka from Maven Central (once, about 45 MB)
kafka.sh start [OPTIONS]            start a broker and wait until it answers; prints its address
      --port PORT                   default 9092; 0 picks a free one
      --data DIR                    its data, log and settings (default: kafka/data beside the other dependencies)
      --set NAME=VALUE              a line for server.properties, as often as needed; the last one wins
      --foreground                  do not return; ends with Ctrl-C
kafka.sh status [--data DIR]        is it running, and where
kafka.sh stop [--data DIR]
kafka.sh topic NAME [PARTITIONS] [--data DIR]      make a topic (1 partition)
kafka.sh tool CLASS ARGUMENTS…      run one of Kafka's own tools, e.g.
      kafka.sh tool org.apache.kafka.tools.TopicCommand --bootstrap-server 127.0.0.1:9092 --list

Environment: CHALK_DEPS, KAFKA_HEAP (512m), KAFKA_JVM_OPTIONS (further options of the Java virtual machine).
TEXT
}

die() { printf 'kafka: %s\n' "$*" >&2; exit 1; }

need_java() {
  command -v java >/dev/null || die "Java 17 is missing: apt-get install openjdk-17-jre-headless"
  local major
  major=$(java -version 2>&1 | sed -nE '1s/.*"([0-9]+).*/\1/p')
  ((${major:-0} >= 17)) || die "Kafka $version needs Java 17 or later; this is Java ${major:-unknown}"
}

fetch() {
  [[ -s $home/version && $(<"$home/version") == "$version" ]] && return
  need_java
  command -v mvn >/dev/null || die "Maven is missing: apt-get install maven"
  mkdir -p "$home"
  rm -rf "$home/libs.new"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$home/libs.new" ||
    die "the download failed: can Maven reach Maven Central or its mirror (~/.m2/settings.xml)?"
  rm -rf "$libs" "$home/formatted"
  mv "$home/libs.new" "$libs"
  echo "$version" >"$home/version"
}

ready_to_run() {
  need_java
  [[ -s $home/version ]] || fetch
}

log_options=(-Dorg.slf4j.simpleLogger.showDateTime=true '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS'
  -Dorg.slf4j.simpleLogger.showThreadName=false -Dorg.slf4j.simpleLogger.showShortLogName=true)

tool() {
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "${log_options[@]}" -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$libs/*" "$@"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range the kernel hands out to clients, so that nobody else takes it between now and the broker's bind.
free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); do
    answers "$port" || { echo "$port"; return; }
  done
}

write_settings() { # FILE PORT CONTROLLER_PORT DATA FURTHER…
  local file=$1 port=$2 controller=$3 data=$4
  shift 4
  cat >"$file" <<TEXT
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$data/log
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
message.max.bytes=33554432
replica.fetch.max.bytes=33554432
socket.request.max.bytes=104857600
TEXT
  printf '%s\n' "$@" >>"$file"
}

# Formatting starts a Java machine of its own; one formatted directory serves as the pattern for all others.
format_like_new() { # DATA SETTINGS
  if [[ ! -s $home/formatted/meta.properties ]]; then
    local scratch
    scratch=$(mktemp -d "$home/format.XXXXXX")
    sed "s|^log.dirs=.*|log.dirs=$scratch/log|" "$2" >"$scratch/server.properties"
    tool kafka.tools.StorageTool format -t chalkstream-localbroker -c "$scratch/server.properties" >/dev/null
    mv -T "$scratch/log" "$home/formatted" 2>/dev/null || true # another start was quicker
    rm -rf "$scratch"
  fi
  cp -r "$home/formatted" "$1/log"
}

data=$home/data port=9092 foreground='' settings=() words=()
parse() {
  while (($#)); do
    case $1 in
    --port) port=${2:?--port needs a number}; shift ;;
    --data) data=$(readlink -m "${2:?--data needs a directory}"); shift ;;
    --set) settings+=("${2:?--set needs NAME=VALUE}"); shift ;;
    --foreground) foreground=yes ;;
    -*) die "unknown option $1; 'kafka.sh help' lists them" ;;
    *) words+=("$1") ;;
    esac
    shift
  done
}

running() { # prints pid and port; false if there is none
  local pid listening
  read -r pid listening <"$data/broker" || return 1
  [[ -r /proc/$pid/cmdline ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$data/server.properties" || return 1
  echo "$pid $listening"
} 2>/dev/null

start() {
  parse "$@"
  [[ $port =~ ^[0-9]+$ ]] && ((port < 65536)) || die "'$port' is not a port"
  local found
  found=$(running) && die "already running at 127.0.0.1:${found#* } with this data (pid ${found% *})"
  ready_to_run
  ((port)) || port=$(free_port)
  answers "$port" && die "something else listens on port $port; --port 0 picks a free one"
  mkdir -p "$data"
  write_settings "$data/server.properties" "$port" "$(free_port)" "$data" "${settings[@]}"
  [[ -s $data/log/meta.properties ]] || format_like_new "$data" "$data/server.properties"

  local java=(java "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC ${KAFKA_JVM_OPTIONS:-} "${log_options[@]}"
    -Dorg.slf4j.simpleLogger.defaultLogLevel="${KAFKA_LOG_LEVEL:-warn}" -cp "$libs/*" kafka.Kafka "$data/server.properties")
  if [[ $foreground ]]; then
    echo "$$ $port" >"$data/broker"
    echo "Kafka $version on 127.0.0.1:$port, data in $data"
    exec "${java[@]}"
  fi
  setsid "${java[@]}" >"$data/kafka.log" 2>&1 </dev/null &
  local pid=$! tries
  echo "$pid $port" >"$data/broker"
  for ((tries = 0; tries < 600; ++tries)); do
    if answers "$port"; then
      echo "Kafka $version on 127.0.0.1:$port, data in $data"
      return
    fi
    kill -0 "$pid" 2>/dev/null || { tail -n 20 "$data/kafka.log" >&2; die "the broker ended; its log is $data/kafka.log"; }
    sleep 0.1
  done
  kill "$pid"
  die "no answer within 60 s; its log is $data/kafka.log"
}

stop() {
  parse "$@"
  local found pid tries
  found=$(running) || { echo 'not running'; return; }
  pid=${found% *}
  kill "$pid"
  for ((tries = 0; tries < 150; ++tries)); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$data/broker"; echo stopped; return; }
    sleep 0.1
  done
  kill -9 "$pid"
  rm -f "$data/broker"
  echo 'killed after 15 s'
}

status() {
  parse "$@"
  local found
  found=$(running) || { echo 'not running'; exit 1; }
  echo "Kafka $version on 127.0.0.1:${found#* }, pid ${found% *}, data in $data"
}

topic() {
  parse "$@"
  ((${#words[@]})) || die "which topic? kafka.sh topic NAME [PARTITIONS]"
  local found
  found=$(running) || die "no broker is running; 'kafka.sh start' starts one"
  tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:${found#* }" --create --if-not-exists \
    --topic "${words[0]}" --partitions "${words[1]:-1}"
}

word=${1:-help}
shift || true
case $word in
fetch | start | stop | status | topic) "$word" "$@" ;;
tool)
  (($#)) || die "which tool? e.g. org.apache.kafka.tools.TopicCommand"
  ready_to_run
  tool "$@" ;;
help | -h | --help) usage ;;
*) usage >&2; die "unknown word '$word'" ;;
esac
