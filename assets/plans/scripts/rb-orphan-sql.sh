#!/bin/sh
# RB-ORPHAN: One statement in the database shell.
# Arguments: STATEMENT.
set -eu
statement=$1
# the password arrives on standard input: never on a command line (IL-25)
IFS= read -r password
printf '%s\n%s\n' "$password" "$statement" |
    sudo podman exec -i mariadb sh -c 'IFS= read -r MYSQL_PWD && export MYSQL_PWD && exec mysql -h localhost -u root -B magnum'
