# Three lists in one document: the answers of three commands.
i=$(o image list --limit 1000 -f json -c Name -c Status) || return $?
f=$(o flavor list --all -f json -c Name) || return $?
n=$(o network list -f json -c Name) || return $?
printf '{"images":%s,"flavors":%s,"networks":%s}\n' "$i" "$f" "$n"
