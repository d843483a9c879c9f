#!/bin/sh
# SW-8.1: Logs.
set -eu
tail -50 logs/main-*.log | grep -iE 'success|complete|failed'
