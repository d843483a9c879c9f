# The password goes from the node's own file through a pipe into the container; it is in no argument.
p=podman
command -v podman >/dev/null 2>&1 || p=docker
w=$(r sed -n 's/^wsrep_sst_auth *= *[^:]*://p' /etc/kolla/mariadb/galera.cnf) || return $?
[ -n "$w" ] || { echo 'the password of the database is not where it was expected' >&2; return 77; }
q="SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_size','wsrep_cluster_status','wsrep_local_state_comment','wsrep_ready')"
printf '%s\n' "$w" | r "$p" exec -i mariadb sh -c 'IFS= read -r MYSQL_PWD; export MYSQL_PWD; exec mysql -u root -N -e "$1"' - "$q"
