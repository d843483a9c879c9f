#!/bin/sh
# RB-IPLIST.6: Look.
# Arguments: SET.
set -eu
set=$1
fw4 print | grep -A5 "$set"
nft list set inet fw4 "$set"
