#!/bin/sh
# HW-3.5: has the stick the label CIDATA and both files? meta-data may be empty but must exist.
set -u
stick=$1
[ -b "/dev/${stick}1" ] || exit 2
label=$(sudo -n blkid -s LABEL -o value "/dev/${stick}1") || exit 2
[ "$label" = CIDATA ] || { echo "the label is not CIDATA: $label"; exit 1; }
there=$(mktemp -d) || exit 2
sudo -n mount -o ro "/dev/${stick}1" "$there" || { rmdir "$there"; exit 2; }
answer=0
for file in user-data meta-data; do
    [ -e "$there/$file" ] || { echo "$file is missing"; answer=1; }
done
sudo -n umount "$there"
rmdir "$there"
exit "$answer"
