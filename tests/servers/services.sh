#!/bin/bash
# A container registry and a Prometheus for tests: Debian's docker-registry and prometheus,
# on 127.0.5.0/24 and free ports. Debian or Ubuntu, as root.
#
#   services.sh registry DIR       a registry over plain HTTP without images; prints ADDRESS:PORT
#   services.sh push DIR TAG NAME…  images of one small layer, through the registry's own API
#   services.sh prometheus DIR     Prometheus, which scrapes itself and the file DIR/metrics
#                                  every second; prints ADDRESS:PORT
#   services.sh target DIR JOB AT  one more target for Prometheus, under a job of its own
#   services.sh hang|go|end DIR NAME   stop, continue or end the process registry or prometheus
#   services.sh down DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
A=127.0.5.1

say() { printf '%s\n' "$*" >&2; }
die() { say "services.sh: $*"; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || "$here/install" services >&2 || die "servers cannot be installed"; }
free_port() {
    /usr/bin/python3 -c 'import socket,sys; s=socket.socket(); s.bind((sys.argv[1],0)); print(s.getsockname()[1])' "$A"
}
# Each try takes what a process needs to start; a minute on a busy machine.
answers() { # URL PIDFILE LOG
    local tries=600
    until curl -fs -m 2 -o /dev/null "$1"; do
        alive "$2" || die "$(tail -n 1 "$3")"
        tries=$((tries - 1)); [ $tries -gt 0 ] || die "$1 does not answer"
        sleep 0.1
    done
}
prometheus_config() { # DIR
    local d=$1
    {
        echo 'global: {scrape_interval: 1s, scrape_timeout: 1s}'
        echo 'scrape_configs:'
        echo "  - {job_name: prometheus, static_configs: [{targets: [\"$(cat "$d/prometheus.at")\"]}]}"
        echo "  - {job_name: exporters, honor_labels: true, static_configs: [{targets: [\"$(cat "$d/metrics.at")\"]}]}"
        while read -r job at; do
            echo "  - {job_name: $job, static_configs: [{targets: [\"$at\"]}]}"
        done <"$d/targets"
    } >"$d/prometheus.yml"
}

verb=${1:-} d=${2:-}
[ -n "$d" ] || { sed -n '2,14p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
mkdir -p "$d"
case $verb in
registry)
    need docker-registry
    at=$A:$(free_port)
    echo "$at" >"$d/registry.at"
    printf 'version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\nhttp: {addr: "%s"}\n' \
        "$d/images" "$at" >"$d/registry.yml"
    spawn "$d/registry.pid" "$d/registry.log" docker-registry serve "$d/registry.yml"
    answers "http://$at/v2/" "$d/registry.pid" "$d/registry.log"
    echo "$at" ;;
push)
    /usr/bin/python3 - "http://$(cat "$d/registry.at")" "${@:3}" <<'PY'
import hashlib, json, sys, urllib.request
base, tag, names = sys.argv[1], sys.argv[2], sys.argv[3:]

def send(method, url, body=b"", kind="application/octet-stream"):
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    return urllib.request.urlopen(request, timeout=20)

def blob(name, body):
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    place = send("POST", f"{base}/v2/{name}/blobs/uploads/").headers["Location"]
    send("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, body)
    return {"size": len(body), "digest": digest}

for name in names:
    layer = blob(name, (name + "\n").encode().ljust(1024, b"."))
    config = blob(name, b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {
        "schemaVersion": 2, "mediaType": kind,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}],
    }
    send("PUT", f"{base}/v2/{name}/manifests/{tag}", json.dumps(manifest).encode(), kind)
PY
    ;;
prometheus)
    need prometheus
    echo "$A:$(free_port)" >"$d/prometheus.at"
    echo "$A:$(free_port)" >"$d/metrics.at"
    mkdir -p "$d/www"; [ -e "$d/www/metrics" ] || : >"$d/www/metrics"
    : >"$d/targets"
    prometheus_config "$d"
    spawn "$d/metrics.pid" "$d/metrics.log" /usr/bin/python3 -m http.server --bind "$A" \
        --directory "$d/www" "$(sed 's/.*://' "$d/metrics.at")"
    at=$(cat "$d/prometheus.at")
    spawn "$d/prometheus.pid" "$d/prometheus.log" prometheus --config.file="$d/prometheus.yml" \
        --storage.tsdb.path="$d/data" --web.listen-address="$at" --web.enable-lifecycle --log.level=warn
    answers "http://$at/-/ready" "$d/prometheus.pid" "$d/prometheus.log"
    echo "$at" ;;
target)
    echo "$3 $4" >>"$d/targets"
    prometheus_config "$d"
    curl -fs -m 10 -X POST "http://$(cat "$d/prometheus.at")/-/reload" ;;
hang) signal STOP "$d/$3.pid" ;;
go) signal CONT "$d/$3.pid" ;;
end) stop "$d/$3.pid" ;;
down) for name in registry prometheus metrics; do [ ! -e "$d/$name.pid" ] || stop "$d/$name.pid"; done ;;
*) die "unknown verb $verb" ;;
esac
