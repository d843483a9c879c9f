# The URL holds a password: of it leaves the head of the digest.
u=$(r grep -F 'rabbit://' /etc/kolla/ironic-api/ironic.conf) || { s=$?; [ "$s" = 1 ] || [ "$s" = 2 ] && return 0; return "$s"; }
printf '%s\n' "$u" | sed 's/^[^=]*= *//' | while IFS= read -r l; do
  printf %s "$l" | sha256sum | cut -c1-16
done
