k get pods -n kube-system -l k8s-app=kube-dns -o json || return $?
echo @next
s=$(k get svc -A -o json) || return $?
printf '%s\n' "$s"
echo @next
k get svc -A -o jsonpath='{range .items[?(@.spec.type=="LoadBalancer")]}{.metadata.name}{" "}{.status.loadBalancer.ingress[0].ip}{"\n"}{end}' |
  while read -r n a; do
    case $n in *dns*) ;; *) continue ;; esac
    [ -n "$a" ] || continue
    command -v dig >/dev/null 2>&1 || continue
    if t dig +short +time=2 +tries=1 "@$a" "${CONSOLE:-kubernetes.default.svc.cluster.local}" >/dev/null 2>&1; then
      echo "$a yes"
    else
      echo "$a no"
    fi
  done
return 0
