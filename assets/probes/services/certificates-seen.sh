command -v openssl >/dev/null 2>&1 || return 127
for h in $HOSTS; do
  echo "@host $h"
  echo | t openssl s_client -connect "$h:443" -servername "$h" 2>/dev/null | sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p'
done
return 0
