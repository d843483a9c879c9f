#!/bin/sh
# RB-L3.2.2: Clear the router namespaces.
set -eu
for ns in $(sudo ip netns list | awk '/^qrouter/{print $1}'); do
    sudo ip netns pids "$ns" | xargs -r sudo kill -9
    sudo ip netns delete "$ns"
done
