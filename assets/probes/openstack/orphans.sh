p=podman
command -v podman >/dev/null 2>&1 || p=docker
w=$(r sed -n 's/^wsrep_sst_auth *= *[^:]*://p' /etc/kolla/mariadb/galera.cnf) || return $?
[ -n "$w" ] || { echo 'the password of the database is not where it was expected' >&2; return 77; }
q='SELECT COUNT(*) FROM magnum.cluster c WHERE NOT EXISTS (SELECT 1 FROM keystone.project p WHERE p.id=c.project_id)'
printf '%s\n' "$w" | r "$p" exec -i mariadb sh -c 'IFS= read -r MYSQL_PWD; export MYSQL_PWD; exec mysql -u root -N -e "$1"' - "$q"
