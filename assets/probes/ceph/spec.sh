# The certificate's text may hold its private key: only that there is one leaves.
s=$(m orch ls rgw --export) || return $?
printf '%s\n' "$s" | grep -E '^ *(ssl|rgw_frontend_ssl_certificate):|extra_container_args' |
  sed 's/\(rgw_frontend_ssl_certificate:\).*/\1 there/'
true
