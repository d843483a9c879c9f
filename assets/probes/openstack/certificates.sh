command -v openssl >/dev/null 2>&1 || return 127
[ -n "$KEYSTONE" ] || KEYSTONE=$(sed -n 's/^kolla_internal_fqdn: *//p' ~/release-assets/assets/config/globals.yml 2>/dev/null | tr -d "\"' " | head -n 1)
[ -n "$KEYSTONE" ] || { echo 'nobody says under which name Keystone is reached' >&2; return 1; }
for p in 5000 8774 9292 9696 8776 9511 6385; do
  {
    x=$(echo | $T openssl s_client -connect "$KEYSTONE:$p" -servername "$KEYSTONE" 2>/dev/null |
      openssl x509 -noout -enddate -issuer 2>/dev/null | tr '\n' ' ')
    echo "$p $x"
  } &
done
wait
