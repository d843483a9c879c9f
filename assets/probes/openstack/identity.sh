command -v curl >/dev/null 2>&1 || return 127
[ -n "$KEYSTONE" ] || KEYSTONE=$(sed -n 's/^kolla_internal_fqdn: *//p' ~/release-assets/assets/config/globals.yml 2>/dev/null | tr -d "\"' " | head -n 1)
[ -n "$KEYSTONE" ] || { echo 'nobody says under which name Keystone is reached' >&2; return 1; }
ca=~/release-assets/assets/config/certificates/ca/root.crt
[ -r "$ca" ] && ca="--cacert $ca" || ca=
$T curl -sS $ca -m 8 -w '\n%{http_code} %{time_total}\n' "https://$KEYSTONE:5000/v3"
