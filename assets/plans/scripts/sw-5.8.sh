#!/bin/sh
# SW-5.8: Apply the spec.
set -eu
sudo cephadm shell --mount ~/rgw-spec.yaml:/tmp/rgw-spec.yaml -- ceph orch apply -i /tmp/rgw-spec.yaml
# the stored spec again, without certificate and key
sudo cephadm shell -- ceph orch ls rgw --export | sed '/-----BEGIN/,/-----END/d'
