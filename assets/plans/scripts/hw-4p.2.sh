#!/bin/sh
# HW-4P.2: the container runtime and the tools that the steps and checks use on the bastion.
set -eu
sudo apt-get update && sudo apt-get install -y podman skopeo jq
