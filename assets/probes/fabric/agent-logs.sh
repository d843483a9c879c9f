# The unit of the agent and the errors of its last lines, switch by switch.
command -v ssh >/dev/null || return 127
for s in $SWITCHES; do
  {
    o=$(t ssh -n -o BatchMode=yes -o ConnectTimeout=5 "admin@${s#*=}" \
      'systemctl is-active hedgehog-agent.service; sudo -n tail -n 50 /var/log/agent.log | grep level=ERROR' 2>/dev/null)
    [ -z "$o" ] || printf 'switch %s\n%s\n' "${s%%=*}" "$o"
  } &
done
wait
