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
# added: takes the key from standard input; one that is there stays
if [ -e "$path" ]; then
    echo "$path is there already and stays"
else
    umask 077
    cat > "$path"
fi
# end
chmod 600 "$path"
# added: refuses what is no private key
if ! grep -q 'PRIVATE KEY' "$path"; then
    echo "$path is not a private key" >&2
    exit 2
fi
# end
