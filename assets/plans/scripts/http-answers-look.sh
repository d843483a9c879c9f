#!/bin/sh
# Does an address answer, and is what it serves as long as the file beside it? An empty folder answers
# 403 at its root: that is an answer too.
set -u
address=$1
file=${2-}
head=$(curl -sI --max-time 10 "$address") || { echo "$address does not answer"; exit 1; }
[ -n "$file" ] || exit 0
case $file in
'~/'*) file=$HOME/${file#'~/'} ;;
esac
printf '%s\n' "$head" | head -n 1 | grep -q ' 200' || { echo "$address is not served"; exit 1; }
length=$(printf '%s\n' "$head" | tr -d '\r' | sed -n 's/^[Cc]ontent-[Ll]ength: *//p')
[ -n "$length" ] || exit 2
size=$(stat -c %s "$file") || exit 2
[ "$length" = "$size" ] || { echo "$length bytes are served, the file has $size"; exit 1; }
