get() {
  g=$1 && shift
  h=$(t curl -sS -m 4 -w '\n@http %{http_code}\n' "$@")
  x=$?
  printf '@get %s\n%s\n@curl %s\n' "$g" "$h" "$x"
  case $h in *'@http 40'[13]*) echo Unauthorized >&2 ;; esac
}
[ -n "$CR_PAT" ] || { echo 'no token of the source registry: CR_PAT is not set' >&2; return 77; }
printf 'header = "Authorization: Bearer %s"\n' "$CR_PAT" | get user -I -K - https://api.github.com/user
