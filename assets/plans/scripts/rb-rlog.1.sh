#!/bin/sh
# RB-RLOG.1: Dump or follow.
set -eu
logread
logread | grep dnsmasq || echo "no line of dnsmasq"
