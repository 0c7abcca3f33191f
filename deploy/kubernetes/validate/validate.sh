#!/usr/bin/env bash
# Renders the Helm chart for each of its ci/*.yaml and shows the result to a real Kubernetes API server, which checks it as a
# cluster's would: strict fields, its own rules, the schemas of the Prometheus operator's and KEDA's kinds, and the
# "restricted" standard of pod security. Nothing runs in it; there are no nodes.
#
#   validate.sh [--program FILE]    default build/chalkstream: it checks the configurations, and makes the objects for scaling
#
# Helm, the API server and kubectl are compiled from Go modules (go.mod here; once, some minutes and 2 GB of caches) into
# $CHALK_DEPS/kubernetes. Needs Go 1.24 or later and Debian's etcd-server, and no network after that.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../../.." && pwd)
chart=$root/deploy/helm/chalkstream
tools=$(readlink -m "${CHALK_DEPS:-$root/.deps}")/kubernetes
version=$(sed -nE 's|^\tk8s.io/kubernetes v([0-9.]+)( .*)?$|\1|p' "$here/go.mod")
namespace=chalkstream-validation
kinds=(github.com/prometheus-operator/prometheus-operator@v0.82.2:example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml
  github.com/prometheus-operator/prometheus-operator@v0.82.2:example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
  github.com/kedacore/keda/v2@v2.17.2:config/crd/bases/keda.sh_scaledobjects.yaml)

die() { printf 'validate: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }
program=$root/build/chalkstream
if [[ ${1:-} == --program ]]; then program=$(readlink -e "${2:?--program needs a file}"); fi

command -v go >/dev/null || die 'Go is missing'
command -v etcd >/dev/null || die 'etcd is missing: apt-get install etcd-server'

build() {
  local stamp flags='-s -w' minor=${version#*.}
  stamp=$(sha256sum <"$here/go.sum")
  [[ $stamp == "$(cat "$tools/stamp" 2>/dev/null)" ]] && return
  say "compiling helm, kube-apiserver and kubectl $version …"
  mkdir -p "$tools"
  # A release says its version this way; without it neither of them knows its own.
  flags+=" -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=${version%%.*}"
  flags+=" -X k8s.io/component-base/version.gitMinor=${minor%.*}"
  (cd "$here" && go build -trimpath -ldflags="$flags" -o "$tools/" tool)
  for kind in "${kinds[@]}"; do
    cp "$(cd "$tools" && go mod download -json "${kind%%:*}" | sed -nE 's|.*"Dir": "(.*)",|\1|p')/${kind#*:}" "$tools/"
  done
  chmod u+w "$tools"/*.yaml
  echo "$stamp" >"$tools/stamp"
}

# --- the server ------------------------------------------------------------------------------------------------------

scratch=$(mktemp -d)
children=()
stop() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap stop EXIT

free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

k() { "$tools/kubectl" --kubeconfig "$scratch/kubeconfig" "$@"; }

start() {
  local etcd peers api tries
  etcd=$(free_port) peers=$(free_port) api=$(free_port)
  etcd --data-dir "$scratch/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls \
    "http://127.0.0.1:$etcd" --listen-peer-urls "http://127.0.0.1:$peers" --initial-advertise-peer-urls \
    "http://127.0.0.1:$peers" --initial-cluster "default=http://127.0.0.1:$peers" >"$scratch/etcd.log" 2>&1 &
  children+=($!)
  openssl genrsa -out "$scratch/accounts.key" 2048 2>/dev/null
  local token
  token=$(head -c 24 /dev/urandom | base64 -w 0 | tr '+/' '-_')
  (umask 077 && echo "$token,validator,1,system:masters" >"$scratch/tokens.csv")
  "$tools/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd" --bind-address 127.0.0.1 --secure-port "$api" \
    --cert-dir "$scratch/certificates" --token-auth-file "$scratch/tokens.csv" --authorization-mode RBAC \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$scratch/accounts.key" \
    --service-account-signing-key-file "$scratch/accounts.key" --service-cluster-ip-range 10.96.0.0/24 \
    --disable-admission-plugins ServiceAccount >"$scratch/api.log" 2>&1 &
  children+=($!)
  for ((tries = 0; tries < 120; ++tries)); do
    [[ -s $scratch/certificates/apiserver.crt ]] && break
    sleep 0.5
  done
  cat >"$scratch/kubeconfig" <<TEXT
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "https://127.0.0.1:$api", certificate-authority: $scratch/certificates/apiserver.crt}}]
users: [{name: validator, user: {token: "$token"}}]
contexts: [{name: here, context: {cluster: here, user: validator}}]
current-context: here
TEXT
  for ((tries = 0; tries < 240; ++tries)); do
    k get --raw /readyz >/dev/null 2>&1 && break
    kill -0 "${children[1]}" 2>/dev/null || { tail -n 20 "$scratch/api.log" >&2; die 'the API server ended'; }
    sleep 0.5
  done
  k version | sed -n 's/^Server Version/the API server/p'
  for kind in "${kinds[@]}"; do
    k create -f "$tools/$(basename "${kind#*:}")" >/dev/null
  done
  k wait --for condition=Established --timeout 60s crd --all >/dev/null
  # Enforced for pods, and warned of for what makes pods.
  k apply -f - >/dev/null <<TEXT
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}
TEXT
}

# --- what is shown to it ---------------------------------------------------------------------------------------------

h() {
  local status=0
  "$tools/helm" "$@" 2>"$scratch/helm" || status=$?
  grep -v 'found symbolic link' "$scratch/helm" >&2 || true
  return $status
}
rendered() { h template night "$chart" --namespace "$namespace" --kube-version "$version" "$@"; }

# What the program makes of the policy in a configuration, as options for Helm; none where there is no policy.
scaling() { # a values file, its name
  local how=(--kind hpa --partitions 12)
  options=()
  grep -q '^  autoscaling:' "$1" || return 0
  [[ -x $program ]] || die "$2 has a policy for scaling, and $program is not there to make objects of it"
  [[ $2 == hpa ]] || how=(--kind keda --partitions 12 --kafka-authentication kafka-reader)
  rendered -f "$1" | "$program" autoscale manifests --chart - "${how[@]}" >"$scratch/scaling-$2.yaml" || die "$2: its policy"
  options=(--set-file "scaling=$scratch/scaling-$2.yaml")
}

accepted() { # a values file
  local name seen options
  name=$(basename "$1" .yaml)
  scaling "$1" "$name"
  h lint --strict --kube-version "$version" --namespace "$namespace" -f "$1" "$chart" >"$scratch/lint" ||
    { cat "$scratch/lint" >&2; die "$name: helm lint"; }
  rendered -f "$1" "${options[@]}" >"$scratch/$name.yaml"
  k --namespace "$namespace" apply --server-side --dry-run=server --validate=strict -f "$scratch/$name.yaml" \
    >"$scratch/seen" 2>"$scratch/said" || { cat "$scratch/said" >&2; die "$name was refused"; }
  ! grep -i '^warning' "$scratch/said" || die "$name was accepted with the warnings above"
  seen=$(wc -l <"$scratch/seen")
  # The pod itself, as the StatefulSet would make it: this is what pod security is enforced for.
  k --namespace "$namespace" create --dry-run=client -o json -f "$scratch/$name.yaml" >"$scratch/objects.json"
  python3 - "$scratch" <<'PYTHON'
import json, sys
text = open(sys.argv[1] + "/objects.json").read()
objects, at = [], 0
while text[at:].strip():
    found, end = json.JSONDecoder().raw_decode(text[at:].lstrip())
    at += len(text[at:]) - len(text[at:].lstrip()) + end
    objects += found["items"] if found["kind"] == "List" else [found]
def of(kind):
    return next((o for o in objects if o["kind"] == kind), None)
template = of("StatefulSet")["spec"]["template"]
claims = of("StatefulSet")["spec"].get("volumeClaimTemplates", [])
template["spec"].setdefault("volumes", []).extend(
    {"name": c["metadata"]["name"], "persistentVolumeClaim": {"claimName": c["metadata"]["name"] + "-0"}} for c in claims)
template["metadata"]["name"] = "as-made-by-the-statefulset"
template["spec"].pop("priorityClassName", None)  # a cluster's own
template["spec"].pop("runtimeClassName", None)
json.dump({"apiVersion": "v1", "kind": "Pod", **template}, open(sys.argv[1] + "/pod.json", "w"))
rules = [group for o in objects if o["kind"] == "PrometheusRule" for group in o["spec"]["groups"]]
json.dump({"groups": rules}, open(sys.argv[1] + "/rules.json", "w"))
settings = next(o for o in objects if o["kind"] == "ConfigMap" and "chalkstream.yaml" in o["data"])
open(sys.argv[1] + "/configuration.yaml", "w").write(settings["data"]["chalkstream.yaml"])
PYTHON
  k --namespace "$namespace" create --dry-run=server --validate=strict -f "$scratch/pod.json" >/dev/null 2>"$scratch/said" ||
    { cat "$scratch/said" >&2; die "$name: its pod was refused"; }
  ! grep -i '^warning' "$scratch/said" || die "$name: its pod was accepted with the warnings above"
  if command -v promtool >/dev/null; then
    promtool check rules "$scratch/rules.json" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; die "$name: its rules"; }
  fi
  local opinion=''
  cp "$scratch/configuration.yaml" "$scratch/configuration-$name.yaml"
  configuration "$name"
  say "ok: $name: $seen objects and the pod accepted$opinion"
}

# The same objects without the chart, for what somebody else's manifests make.
alone() { # keda or hpa, what is scaled
  "$program" autoscale manifests --config "$scratch/configuration-$1.yaml" --kind "$1" --target "$2" \
    --match 'namespace="exams"' >"$scratch/alone.yaml" || die "$1: its policy"
  shown_alone <"$scratch/alone.yaml" 2>"$scratch/said" >/dev/null || { cat "$scratch/said" >&2; die "$1 alone was refused"; }
  ! grep -i '^warning' "$scratch/said" || die "$1 alone was accepted with the warnings above"
  ! sed -E 's/^  (scaleTargetRef|groups):/  x\1:/' "$scratch/alone.yaml" | shown_alone >/dev/null 2>&1 ||
    die "the server accepts $1 with unknown fields"
  say "ok: $1 alone, for a ${2%%/*}, accepted; with unknown fields refused"
}
shown_alone() { k --namespace "$namespace" apply --server-side --dry-run=server --validate=strict -f -; }

# The engine's own opinion of the configuration, for `accepted` to tell, with the models that are at hand in the place of the named ones.
configuration() {
  [[ -x $program ]] || return 0
  local model
  model=$(readlink -e "${CHALK_DEPS:-$root/.deps}/models/minilm") || return 0
  mkdir -p "$scratch/kafka" "$scratch/state"
  printf 'user' >"$scratch/kafka/username"
  printf "it's \"secret\"" >"$scratch/kafka/password"
  head -c 32 /dev/urandom >"$scratch/key"
  chmod 400 "$scratch/key"
  sed -e "s|/run/secrets/chalkstream/|$scratch/|; s|key_file: .*|key_file: $scratch/key|; s|/var/lib/chalkstream|$scratch/state|" \
    -e "s|/models/minilm|$model|; s|/models/print|$root/examples/printed|" "$scratch/configuration.yaml" >"$scratch/named.yaml"
  "$root/deploy/fill.sh" "$scratch/named.yaml" "$scratch/filled.yaml" || die "$1: its configuration cannot be filled in"
  if grep -q 'path: /models/' "$scratch/filled.yaml"; then # a model that is not here
    return 0
  fi
  "$program" check --offline --config "$scratch/filled.yaml" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; die "$1: its configuration"; }
  opinion='; the configuration is valid'
}

refused() { # what, what it should say, options…
  local what=$1 says=$2
  shift 2
  ! rendered -f "$chart/ci/minimal.yaml" "$@" >/dev/null 2>"$scratch/said" || die "$what was not refused"
  grep -q -e "$says" "$scratch/said" || { cat "$scratch/said" >&2; die "$what was refused for another reason than '$says'"; }
  say "ok: refused: $what"
}

build
PATH+=:${CHALK_DEPS:-$root/.deps}/prometheus/usr/bin
start
for values in "$chart"/ci/*.yaml; do
  accepted "$values"
done
refused 'a password in the values' 'sasl.password' --set-string 'configuration.kafka.client.sasl\.password=secret'
refused 'an embedded broker' 'brokers' --set configuration.kafka.brokers=embedded
refused 'no key for the pseudonyms' 'privacy' --set privacy.secretName=
refused 'a value that does not exist' 'replica' --set replica=3
if [[ -x $program ]]; then
  made=$scratch/scaling-hpa.yaml
  refused 'scaling without a policy' 'mode: processes' --set-file "scaling=$made"
  refused 'scaling that was made of another configuration' 'another configuration' -f "$chart/ci/hpa.yaml" \
    --set configuration.autoscaling.drain=20s --set-file "scaling=$made"
  refused 'scaling that was made for another installation' 'this installation' -f "$chart/ci/hpa.yaml" \
    --namespace elsewhere --set-file "scaling=$made"
  alone keda Deployment/grader
  alone hpa StatefulSet/grader
  refused 'what is no scaling' 'manifests --chart' -f "$chart/ci/hpa.yaml" --set-file "scaling=$chart/Chart.yaml"
fi
# The server does see what is wrong: a field that does not exist, and a pod that would run as root.
rendered -f "$chart/ci/minimal.yaml" | sed 's/podManagementPolicy:/podManagementPolice:/' >"$scratch/wrong.yaml"
! k -n "$namespace" apply --server-side --dry-run=server --validate=strict -f "$scratch/wrong.yaml" >/dev/null 2>&1 ||
  die 'the server accepts an unknown field'
sed 's/"runAsUser": *10001/"runAsUser": 0/g' "$scratch/pod.json" >"$scratch/root.json"
! k -n "$namespace" create --dry-run=server -f "$scratch/root.json" >/dev/null 2>&1 || die 'the server accepts a pod of root'
say 'ok: the server refuses an unknown field, and a pod that runs as root'
