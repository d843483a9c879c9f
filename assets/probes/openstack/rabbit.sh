p=podman
command -v podman >/dev/null 2>&1 || p=docker
r "$p" exec rabbitmq rabbitmqctl cluster_status --formatter json
