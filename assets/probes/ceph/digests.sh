# The keys stay here: what leaves is the head of the digest of each.
c -v >/dev/null || return $?
for n in cinder cinder-backup glance admin; do
  k=$(c auth get-key "client.$n" 2>/dev/null) && echo "$n $(printf %s "$k" | sha256sum | cut -c1-16)"
done
true
