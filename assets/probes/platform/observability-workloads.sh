# The documents use both names of the namespace; one that is not there is an empty list.
for n in observability phoenix-observability; do
  k get deploy,sts -n "$n" -o json || return $?
done
