# What stands before every command of Ceph: without a quorum each of them would
# wait, without a manager those that only a manager answers. It is asked once,
# so that a broken cluster costs one wait. `c` asks the monitors, `m` the manager.
P=$($T ceph --connect-timeout 5 mgr stat -f json 2>&1)
Q=$?
case $Q:$P in
  1:*'timed out'*) P='no monitor in quorum answered: timed out' ;;
esac
c() {
  command -v ceph >/dev/null 2>&1 || return 127
  [ "$Q" = 0 ] || { printf '%s\n' "$P" >&2; return "$Q"; }
  $T ceph --connect-timeout 5 "$@"
}
m() {
  case $Q:$P in
    0:*'"available":true'* | 0:*'"available": true'* | [!0]*) c "$@" ;;
    *) echo 'no manager is active' >&2; return 1 ;;
  esac
}
