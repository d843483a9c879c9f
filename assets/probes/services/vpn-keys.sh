l=$(o secret list --limit 1000 -f json) || return $?
printf '%s\n' "$l"
for n in $(printf '%s' "$l" | grep -oE 'vpn-private-key-[A-Za-z0-9-]+' | sort -u); do
  n=${n#vpn-private-key-}
  o object show "$n" config/vpn-users.json -f json >/dev/null 2>&1
  echo "@tenant $n $?"
done
return 0
