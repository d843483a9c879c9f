command -v ping >/dev/null 2>&1 || return 127
# From what an Ethernet frame holds down to what a tunnel in a tunnel still holds.
for s in 1472 1392 1352 1252; do
  t ping -4 -M do -s "$s" -c 2 -W 1 "$FAR" >/dev/null 2>&1
  x=$?
  echo "@size $FAR $s $x"
  [ "$x" != 0 ] || break
done
return 0
