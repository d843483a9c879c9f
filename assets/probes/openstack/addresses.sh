for n in $(o network list --external -f value -c Name); do
  o ip availability show "$n" -f json || return $?
done
