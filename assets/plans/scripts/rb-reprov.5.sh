#!/bin/sh
# RB-REPROV.5: Destroy.
# Arguments: DOMAIN.
set -eu
domain=$1
virsh destroy "$domain"
virsh undefine "$domain" --remove-all-storage --nvram --managed-save --snapshots-metadata
