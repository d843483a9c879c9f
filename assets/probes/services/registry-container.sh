# With -a: a container that has ended is listed too.
p=$(r podman ps -a --format '{{.Names}} {{.Image}} {{.Status}}') || return $?
printf '%s\n' "$p" | grep registry
r du -sb "${REGISTRY_DATA:-/var/lib/registry}" 2>/dev/null | cut -f1
return 0
