# Without spec: it holds the password hashes of the switches' users.
t kubectl get agents.agent.githedgehog.com -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{.metadata.generation}{"\t"}{.spec.version.override}{"\t"}{.spec.version.default}{"\t"}{.spec.switch.roce}{"\t"}{.status}{"\n"}{end}'
