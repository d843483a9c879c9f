#!/bin/sh
# HW-5.0: does the address of the installer image answer a request for its first byte? The address is
# a credential: it comes on standard input and is never printed.
set -u
read -r address || exit 2
[ -n "$address" ] || exit 2
code=$(printf 'url = "%s"\n' "$address" | curl -sS -L -o /dev/null -r 0-0 --max-time 20 -w '%{http_code}' -K - 2> /dev/null)
case $code in
200 | 206) ;;
401 | 403 | 404 | 410) echo "the address answers $code: it has expired or is wrong"; exit 1 ;;
*) exit 2 ;;
esac
