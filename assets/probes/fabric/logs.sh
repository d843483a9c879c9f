# Only the lines that count leave the controller.
command -v kubectl >/dev/null || return 127
for n in fabricator fabric; do
  l=$(t kubectl logs -n fab -l "app.kubernetes.io/name=$n" --since=10m --tail=500) || return $?
  printf '%s\n' "$l" | grep 'level=ERROR' | tail -n 50
done
true
