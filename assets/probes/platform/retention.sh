j=$(k get deploy,sts -A -o json) || return $?
printf '%s\n' "$j" | grep -oE -- '--storage.tsdb.retention.time=[0-9a-z]+' | sort -u
