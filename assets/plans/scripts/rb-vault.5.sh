#!/bin/sh
# RB-VAULT.5: Verify.
# Arguments: PRIVATE_DIR, CLUSTER_DIR, INVENTORY.
set -eu
private_dir=$1
cluster_dir=$2
inventory=$3
grep -rlE '^\$ANSIBLE_VAULT' "$cluster_dir" | while read -r file; do
    ansible-vault view --vault-password-file "$private_dir/new" "$file" < /dev/null > /dev/null
    echo "OK $file"
done
# inline values, each by itself
python3 - "$private_dir" "$inventory" <<'END'
import re
import subprocess
import sys

private, path = sys.argv[1:]
text = open(path).read()
blocks = re.findall(r"!vault \|-?[ \t]*\n((?:[ \t]+(?:\$ANSIBLE_VAULT\S*|[0-9a-f]+)[ \t]*\n?)+)", text)
for block in blocks:
    words = "\n".join(block.split()).encode() + b"\n"
    asked = ["ansible-vault", "decrypt", "--vault-password-file", f"{private}/new", "--output", "-"]
    if subprocess.run(asked, input=words, capture_output=True).returncode != 0:
        sys.exit("a value of the inventory does not open with the new password")
print(f"OK {len(blocks)} values of {path}")
END
