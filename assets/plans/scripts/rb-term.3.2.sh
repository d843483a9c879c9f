#!/bin/sh
# RB-TERM.3.2: Project gone.
# Arguments: TENANT.
set -eu
tenant=$1
if answer=$(openstack project show "$tenant" 2>&1); then
    echo "$answer"
    exit 1
fi
# gone is one thing, no answer another
case $answer in
*[Nn]o\ project*) echo "not found" ;;
*) echo "$answer" >&2; exit 2 ;;
esac
