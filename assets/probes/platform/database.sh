k get pods -n iaas-console -l 'app.kubernetes.io/component in (postgresql,pgpool)' -o json || return $?
echo @next
k logs -n iaas-console deploy/iaas-api --tail=50
echo @next
k logs -n iaas-console -l app.kubernetes.io/component=pgpool --tail=50
return 0
