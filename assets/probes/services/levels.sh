command -v dig >/dev/null 2>&1 || return 127
# Each word is LEVEL=NAME.
for p in $LEVELS; do
  echo "@name ${p%%=*} ${p#*=}"
  t dig +short +time=2 +tries=2 "${p#*=}"
done
return 0
