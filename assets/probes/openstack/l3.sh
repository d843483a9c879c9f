p=podman
command -v podman >/dev/null 2>&1 || p=docker
r "$p" inspect --format '{{.State.Health.Status}} {{.State.StartedAt}}' neutron_l3_agent || return $?
r ip netns list | grep -c '^qrouter'
true
