#!/bin/sh
# SW-5.5: Export the service spec.
set -eu
sudo cephadm shell -- ceph orch ls rgw --export > ~/rgw-spec.yaml && cp ~/rgw-spec.yaml ~/rgw-spec.before.yaml
grep '^service_type: rgw$' ~/rgw-spec.yaml
