#!/bin/sh
# RB-OSTUP.2: Back up controllers and databases.
# Arguments: AT.
set -eu
at=$1
umask 077
stamp=$(date -u +%Y%m%dT%H%M%SZ)
case $at in
oc)
    # the password arrives on standard input: never on a command line (IL-25)
    sudo podman exec -i mariadb sh -c 'IFS= read -r MYSQL_PWD && export MYSQL_PWD && exec mysqldump -h localhost -u root --all-databases --single-transaction' > "mariadb-$stamp.sql"
    tail -1 "mariadb-$stamp.sql" | grep 'Dump completed'
    gzip "mariadb-$stamp.sql"
    ls -l "$PWD/mariadb-$stamp.sql.gz"
    ;;
b0)
    tar -czf "assets-$stamp.tgz" release-assets/inventory.yml release-assets/assets release-assets/keyrings
    ls -l "$PWD/assets-$stamp.tgz"
    ;;
esac
