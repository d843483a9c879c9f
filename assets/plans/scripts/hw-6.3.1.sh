#!/bin/sh
# HW-6.3.1: applies a delivered fabric configuration. Standard input: its signed address, a credential.
set -eu
read -r address
printf '%s\n' "$address" | wget -O hedgehog-fabric-configuration.yaml -i -
kubectl apply -f hedgehog-fabric-configuration.yaml
