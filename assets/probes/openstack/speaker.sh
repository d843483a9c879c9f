s=$(o bgp speaker list -f value -c ID) || return $?
for i in $s; do o bgp dragent list --bgp-speaker "$i" -f json || return $?; done
[ -n "$s" ] || echo none
