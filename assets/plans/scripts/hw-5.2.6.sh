#!/bin/sh
# HW-5.2.6: proves the environment key by a login. The operators prove theirs from their own machines.
set -eu
key=$1
address=$2
# added: a path below ~ is one of this account
case $key in
'~/'*) key=$HOME/${key#'~/'} ;;
esac
# end
ssh -i "$key" -o BatchMode=yes -o ConnectTimeout=10 core@"$address" hostname
