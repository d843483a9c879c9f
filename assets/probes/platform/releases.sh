[ -n "$KUBECONFIG" ] || { echo 'there is no kubeconfig of the management cluster' >&2; return 77; }
# Without a filter helm leaves out what is pending.
t helm list -A --deployed --failed --pending -o json
