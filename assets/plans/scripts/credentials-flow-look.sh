#!/bin/sh
# Does this release package rotate the credentials of the Hedgehog VM by itself? It does when the
# playbooks in its deployment image (or in the package) name the three variables for it.
# The version number is not believed. Ends with 2 while neither can be looked into.
set -u
cd ~/release-assets || exit 2

# Counts how many of the three names are used in a folder of playbooks, read from `grep -r`.
judge() {
    for name in login_password authorized_keys switch_users; do
        printf '%s\n' "$1" | grep -q "hedgehog\.$name\|hedgehog\[.$name.\]" || return 1
    done
}

image=${IMAGE_NAME:-ghcr.io/midokura/gpu-infra-ansible}:${IMAGE_TAG:-release}
if command -v podman > /dev/null && podman image exists "$image"; then
    found=$(podman run --rm --network none --entrypoint grep "$image" -rhoE --include=*.yml --include=*.yaml --include=*.j2 \
        "hedgehog(\.|\[.)(login_password|authorized_keys|switch_users)" / 2> /dev/null)
    [ $? -le 2 ] || exit 2
    if judge "$found"; then exit 0; fi
    echo "the playbooks of the image do not name the three variables"
    exit 1
fi
found=$(grep -rhoE --include=*.yml --include=*.yaml --include=*.j2 \
    "hedgehog(\.|\[.)(login_password|authorized_keys|switch_users)" . --exclude=inventory*.yml 2> /dev/null)
if judge "$found"; then exit 0; fi
exit 2
