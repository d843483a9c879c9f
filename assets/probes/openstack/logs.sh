# Per service the ERROR and CRITICAL lines of the last ten minutes among its last
# two hundred. Of the last one leaves when it was and who wrote it: the words may hold anything.
s=$(date -u -d '10 minutes ago' '+%Y-%m-%d %H:%M:%S' 2>/dev/null) || s=
r ls /var/log/kolla >/dev/null || return $?
for d in $(r ls /var/log/kolla); do
  r sh -c 'tail -q -n 200 "/var/log/kolla/$1"/*.log 2>/dev/null' - "$d" |
    awk -v s="$s" -v d="$d" '/ (ERROR|CRITICAL) / && $1" "$2 >= s { n++; l = $1" "$2" "$4" "$5 } END { if (n) printf "%s\t%d\t%.120s\n", d, n, l }'
done
true
