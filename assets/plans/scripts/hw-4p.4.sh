#!/bin/sh
# HW-4P.4: puts the environment's private key where the inventory says. Standard input: the key; empty
# when it is there already. A key that is there is never replaced.
set -eu
path=$1
# added: a path below ~ is one of this account
case $path in
'~/'*) path=$HOME/${path#'~/'} ;;
esac
# end
install -d -m 700 ~/.ssh
# added: takes the key from standard input; one that is there stays, what is no key is not kept
if [ -e "$path" ]; then
    echo "$path is there already and stays"
else
    umask 077
    cat > "$path.part"
    if ! grep -q 'PRIVATE KEY' "$path.part"; then
        rm -f "$path.part"
        echo "what arrived is not a private key; nothing was written" >&2
        exit 2
    fi
    mv "$path.part" "$path"
fi
# end
chmod 600 "$path"
