get() {
  g=$1 && shift
  h=$(t curl -sS -m 4 -w '\n@http %{http_code}\n' "$@")
  x=$?
  printf '@get %s\n%s\n@curl %s\n' "$g" "$h" "$x"
  case $h in *'@http 40'[13]*) echo Unauthorized >&2 ;; esac
}
get name -k -L "https://$CONSOLE"
[ -z "$PUBLIC" ] || get address -k -L --resolve "$CONSOLE:443:$PUBLIC" "https://$CONSOLE"
