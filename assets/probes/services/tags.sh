get() {
  g=$1 && shift
  h=$(t curl -sS -m 4 -w '\n@http %{http_code}\n' "$@")
  x=$?
  printf '@get %s\n%s\n@curl %s\n' "$g" "$h" "$x"
  case $h in *'@http 40'[13]*) echo Unauthorized >&2 ;; esac
}
c=$(t curl -sS -f -m 4 "$REGISTRY/v2/_catalog?n=1000") || return $?
for n in $(printf '%s' "$c" | tr ',' '\n' | grep -oE '"[a-z0-9._/-]+"' | tr -d '"' | grep "^$NAMESPACE"); do
  get "$n" "$REGISTRY/v2/$n/tags/list"
done
return 0
