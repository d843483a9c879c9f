# In the container of the gateway, since that is where Keystone is asked from.
p=podman
command -v podman >/dev/null 2>&1 || p=docker
n=$(r "$p" ps --filter name=rgw --format '{{.Names}}') || return $?
n=$(printf '%s\n' "$n" | head -n 1)
[ -n "$n" ] || { echo 'no container of a gateway runs' >&2; return 1; }
r "$p" exec "$n" curl -sv -o /dev/null "https://$KEYSTONE:5000/v3/" 2>&1 |
  grep -E 'SSL certificate|CAfile|issuer|onnection refused|timed out|resolve host' 
true
