# Every switch with the keys that are there, all at once, each on a line: name,
# status, the first words it says.
command -v ssh >/dev/null || return 127
for s in $SWITCHES; do
  {
    o=$(t ssh -n -o BatchMode=yes -o ConnectTimeout=5 "admin@${s#*=}" uptime 2>&1)
    c=$?
    printf '%s\t%s\t%s\n' "${s%%=*}" "$c" "$(printf '%s\n' "$o" | tail -n 1)"
  } &
done
wait
