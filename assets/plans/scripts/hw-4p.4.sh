#!/bin/sh
# HW-4P.4: puts the environment's private key where the inventory says. Standard input: the key; empty
# when it is there already. A key that is there is never replaced.
set -eu
path=$1
case $path in
'~/'*) path=$HOME/${path#'~/'} ;;
esac
install -d -m 700 ~/.ssh
if [ -e "$path" ]; then
    echo "$path is there already and stays"
else
    umask 077
    cat > "$path"
fi
chmod 600 "$path"
if ! grep -q 'PRIVATE KEY' "$path"; then
    echo "$path is not a private key" >&2
    exit 2
fi
