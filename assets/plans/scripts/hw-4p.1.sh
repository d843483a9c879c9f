#!/bin/sh
# HW-4P.1: fetches, verifies and unpacks the release package. Standard input: its address, which may be
# signed and is therefore kept off the command line.
set -eu
digest=$1
read -r address

# added: never unpacks over a directory in use
for kept in assets keyrings logs; do
    if [ -e "release-assets/$kept" ]; then
        echo "release-assets is in use (it has $kept): move it aside first, nothing was unpacked" >&2
        exit 3
    fi
done
# end
printf 'url = "%s"\n' "$address" | curl -L -o release-assets.tar.gz -K -
echo "$digest  release-assets.tar.gz" | sha256sum -c
mkdir -p release-assets && tar -xzf release-assets.tar.gz -C release-assets
cd release-assets && sha256sum -c SHA256SUMS
