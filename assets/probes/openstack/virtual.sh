# The planned address from the deployment's own settings, as every control node has them.
v=$(r sed -n 's/^ *virtual_ipaddress *{ *$/&/p; /virtual_ipaddress/,/}/{s/^ *\([0-9][0-9.]*\).*/\1/p;}' /etc/kolla/keepalived/keepalived.conf) || return $?
v=$(printf '%s\n' "$v" | grep -E '^[0-9.]+$' | head -n 1)
[ -n "$v" ] || { echo 'keepalived names no virtual address' >&2; return 1; }
echo "$v $(t ip -4 -o addr show | grep -cF " $v/")"
