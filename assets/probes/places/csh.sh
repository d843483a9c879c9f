# From a storage node to a shell in which ceph knows the cluster: its own, where
# it has the command and the admin's key, else that of cephadm's container.
who
if command -v ceph >/dev/null 2>&1 && [ -r /etc/ceph/ceph.conf ]; then
  if [ -r /etc/ceph/ceph.client.admin.keyring ]; then
    INTO=
  elif [ "$R" = sudo ]; then
    INTO='sudo -n'
  else
    W=126
  fi
elif command -v cephadm >/dev/null 2>&1 || [ -x /usr/sbin/cephadm ]; then
  case $R in
    root) INTO='cephadm shell --' ;;
    sudo) INTO='sudo -n cephadm shell --' ;;
    *) W=126 ;;
  esac
else
  W=127
fi
