#!/bin/sh
# RB-IPLIST.2: Validate the new list.
# Arguments: NEW, OWN_ADDRESS.
set -eu
new=$1
own_address=$2
python3 - "$new" "$own_address" <<'END'
import ipaddress, sys
lines = [line.split("#")[0].strip() for line in open(sys.argv[1])]
try:
    networks = [ipaddress.ip_network(line) for line in lines if line]
except ValueError as error:
    sys.exit(f"not a network: {error}")
if not networks:
    sys.exit("the list is empty: everything inbound would be dropped")
if any(network.prefixlen == 0 for network in networks):
    sys.exit("the list holds the whole Internet")
own = ipaddress.ip_address(sys.argv[2])
if not any(own in network for network in networks):
    sys.exit(f"the list does not hold {own}: this operator would be locked out")
print(f"{len(networks)} networks, {own} among them")
END
