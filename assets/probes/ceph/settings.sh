# Of the password leaves that it is set.
d=$(c config dump -f json) || return $?
printf '%s' "$d" | python3 -c '
import json, re, sys
wanted = re.compile("keystone|s3_auth|swift|usage_log")
rows = [row for row in json.load(sys.stdin) if row["section"].startswith("client.rgw") and wanted.search(row["name"])]
print(json.dumps([{"name": row["name"], "value": "set" if "password" in row["name"] else row["value"]} for row in rows]))'
