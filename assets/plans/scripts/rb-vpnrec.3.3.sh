#!/bin/sh
# RB-VPNREC.3.3: Token, state file, secret.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
# runs on the VPN server; the values stay in this shell, the answers are status codes
sudo sh -c '
    . /etc/user-sync-agent.env
    umask 077
    head=$(mktemp) && trap "rm -f \"$head\" \"$head.id\"" EXIT
    printf "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],\"application_credential\":{\"id\":\"%s\",\"secret\":\"%s\"}}}}" \
        "$KEYSTONE_APPLICATION_CREDENTIAL_ID" "$KEYSTONE_APPLICATION_CREDENTIAL_SECRET" |
        curl -sS -o /dev/null -D "$head" -w "token %{http_code}\n" -H "Content-Type: application/json" -d @- "$KEYSTONE_AUTH_URL/auth/tokens"
    token=$(sed -n "s/^[Xx]-[Ss]ubject-[Tt]oken: *\([^\r]*\)\r*$/\1/p" "$head")
    ask() {
        printf "header = \"X-Auth-Token: %s\"\n" "$token" |
            curl -sS --config - "$@"
    }
    ask -o "$head.id" -w "state file %{http_code}\n" "$STATE_FILE_URL"
    python3 -m json.tool "$head.id" > /dev/null && echo "state file is JSON"
    ask -w "\nsecret %{http_code}\n" "$BARBICAN_ENDPOINT/v1/secrets?name=${BARBICAN_SECRET_NAME:-}" -o /dev/null
    [ -z "${BARBICAN_SECRET_ID:-}" ] ||
        ask -o /dev/null -w "payload %{http_code}\n" -H "Accept: text/plain" "$BARBICAN_ENDPOINT/v1/secrets/$BARBICAN_SECRET_ID/payload"
'
END_OF_REMOTE
