#!/bin/sh
# HW-6.4.1: serves the switches' firmware over HTTP from the bastion.
set -eu
mkdir -p ~/boot-http-server
# added: what the record says for doing it again
if podman container exists onie-server; then
    podman rm -f onie-server
fi
# end
podman run -d --name onie-server -p 8080:80 -v ~/boot-http-server:/usr/share/nginx/html:Z nginx
