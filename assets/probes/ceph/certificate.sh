command -v openssl >/dev/null 2>&1 || return 127
x=$(echo | $T openssl s_client -connect "$GATEWAY" -servername "${GATEWAY%:*}" 2>/dev/null) || :
printf '%s\n' "$x" | openssl x509 -noout -enddate -ext subjectAltName
