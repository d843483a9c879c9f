#!/bin/sh
# RB-IPLIST.3: Difference.
# Arguments: JUMP, ROUTER, PATH, NEW.
set -eu
jump=$1
router=$2
path=$3
new=$4
scp -O -J "$jump" "root@$router:$path" old
diff old "$new"
