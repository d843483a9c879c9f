for p in podman docker; do
  command -v "$p" >/dev/null 2>&1 || continue
  r "$p" ps -a --filter label=kolla_version --format '{{.Names}}	{{.State}}	{{.Status}}'
  return $?
done
return 127
