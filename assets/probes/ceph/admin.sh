# The answer holds the secret key: it is taken out here, and of the access keys the head of the digest leaves.
c -v >/dev/null || return $?
command -v radosgw-admin >/dev/null 2>&1 || return 127
u=$($T radosgw-admin user info --uid=iaas-rgw-admin) || return $?
printf '%s' "$u" | python3 -c '
import hashlib, json, sys
user = json.load(sys.stdin)
head = lambda key: hashlib.sha256(key.encode()).hexdigest()[:16]
keys = [head(key.get("access_key", "")) for key in user.get("keys", [])]
print(json.dumps({"user_id": user.get("user_id"), "digests": keys, "caps": user.get("caps", [])}))'
