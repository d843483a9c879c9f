o=$(t skopeo inspect --no-tags docker://ghcr.io/midokura/gpu-infra-ansible:release 2>&1)
s=$?
printf '%.400s\n' "$o"
return $s
