#!/bin/sh
# RB-VAULT.4b: Inline values.
# Arguments: PRIVATE_DIR, INVENTORY.
set -eu
private_dir=$1
inventory=$2
# inline values: each opened with the old password, sealed with the new one, in its place
[ -e "$inventory.before-rekey" ] || cp -p "$inventory" "$inventory.before-rekey"
python3 - "$private_dir" "$inventory" <<'END'
import re
import subprocess
import sys

private, path = sys.argv[1:]


def vault(action, key, block, label):
    options = ["--vault-id", f"{label or 'default'}@{private}/{key}"]
    if action == "encrypt" and label:
        options += ["--encrypt-vault-id", label]
    return subprocess.run(
        ["ansible-vault", action, *options, "--output", "-"], input=block, capture_output=True
    )


lines = open(path, newline="").read().split("\n")
out, at, sealed = [], 0, 0
while at < len(lines):
    out.append(lines[at])
    at += 1
    if not re.search(r"!vault \|-?\s*$", out[-1]):
        continue
    block = []
    while at < len(lines) and re.match(r"\s*(\$ANSIBLE_VAULT|[0-9a-f]+\s*$)", lines[at]):
        block.append(lines[at])
        at += 1
    words = "\n".join(line.strip() for line in block).encode() + b"\n"
    label = (block[0].strip().split(";") + [""])[3] if block[0].count(";") == 3 else ""
    opened = vault("decrypt", "old", words, label)
    if opened.returncode != 0:
        # sealed with the new password by an earlier attempt: it stays
        if vault("decrypt", "new", words, label).returncode != 0:
            sys.exit(f"line {at - len(block)}: neither password opens this value; nothing was written")
        out += block
        continue
    again = vault("encrypt", "new", opened.stdout, label)
    if again.returncode != 0:
        sys.exit(f"line {at - len(block)}: {again.stderr.decode()}; nothing was written")
    indent = re.match(r"\s*", block[0]).group()
    out += [indent + line for line in again.stdout.decode().split()]
    sealed += 1
with open(path, "w", newline="") as file:
    file.write("\n".join(out))
print(f"{sealed} values are sealed with the new password")
END
