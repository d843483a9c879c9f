//! What a child sees: a short list of variables, so that a run does the same
//! whoever starts it.

use super::survivors::ATTEMPT;

/// The variable that names the run by its number.
pub const RUN: &str = "SHOPFLOOR_RUN";

/// Variables that are passed on (`docs/runs.md` lists them too).
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "EDITOR",
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "KUBECONFIG",
    "VIRTUAL_ENV",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

/// Families of variables that are passed on, by their beginning.
const FAMILIES: &[&str] = &["LC_", "ANSIBLE_", "OS_", "CEPH_"];

/// The child's environment: what of `ours` is passed on, what was asked for,
/// and what names the attempt.
pub fn of_child(
    ours: impl Iterator<Item = (String, String)>,
    asked: &[(String, String)],
    run: u64,
    attempt: &str,
) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = ours
        .filter(|(name, _)| {
            PASSED.contains(&name.as_str()) || FAMILIES.iter().any(|start| name.starts_with(start))
        })
        .collect();
    out.extend(asked.iter().cloned());
    out.push(("TERM".into(), "xterm-256color".into()));
    out.push((RUN.into(), run.to_string()));
    out.push((ATTEMPT.into(), attempt.into()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_list_is_passed_on_and_the_attempt_is_named() {
        let ours =
            [("PATH", "/bin"), ("LD_PRELOAD", "x.so"), ("ANSIBLE_CONFIG", "a"), ("TERM", "linux")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()));
        let asked = [("COLOUR".to_owned(), "red".to_owned())];
        let all = of_child(ours.into_iter(), &asked, 8, "m-8-1");
        let text: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "PATH=/bin",
                "ANSIBLE_CONFIG=a",
                "COLOUR=red",
                "TERM=xterm-256color",
                "SHOPFLOOR_RUN=8",
                "SHOPFLOOR_ATTEMPT=m-8-1"
            ]
        );
    }
}
