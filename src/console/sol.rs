//! Serial over LAN: `ipmitool … sol activate` in a terminal on this machine.

use secrecy::ExposeSecret as _;

use super::child::ChildProgram;
use crate::domain::endpoint::BmcEndpoint;
use crate::transport::secrets::SecretStore;

/// Ends the session there is, then opens one; the words of `ipmitool` come behind it.
const TAKE: &str = r#""$@" deactivate; exec "$@" activate"#;

/// The longest password that IPMI 2.0 knows (13.29).
const LONGEST_PASSWORD: usize = 20;

/// What to start for each cipher suite of the controller, in the order to try.
/// The password is in the environment of the child, never in its arguments. With `force` the
/// session that the controller has open is ended first: it has one, and does not say whose.
///
/// # Errors
/// A sentence when the controller offers no IPMI, or its password is missing.
pub fn programs(
    name: &str,
    bmc: &BmcEndpoint,
    secrets: &SecretStore,
    force: bool,
) -> Result<Vec<ChildProgram>, String> {
    if !bmc.offers_ipmi() {
        return Err(format!("the site says that the controller of {name} offers no IPMI"));
    }
    let password = secrets.get(&bmc.password).ok_or_else(|| {
        format!("the password for the controller of {name} is sealed; :unlock asks for it")
    })?;
    let password = password.expose_secret();
    if password.len() > LONGEST_PASSWORD {
        return Err(format!(
            "the password for the controller of {name} is longer than the 20 bytes that IPMI takes"
        ));
    }
    let (host, port) = &bmc.ipmi;
    let (port, user) = (port.to_string(), &bmc.user);
    let program = |suite: &u8| {
        let suite = suite.to_string();
        let tool = ["ipmitool", "-I", "lanplus", "-H", host, "-p", &port, "-U", user, "-E", "-C"];
        let first: &[&str] = if force { &["sh", "-c", TAKE, "sh"] } else { &[] };
        let last: &[&str] = if force { &["sol"] } else { &["sol", "activate"] };
        let words = first.iter().chain(&tool).copied().chain([suite.as_str()]);
        ChildProgram {
            argv: words.chain(last.iter().copied()).map(str::to_owned).collect(),
            env: vec![("IPMI_PASSWORD".to_owned(), password.to_owned())],
            directory: None,
        }
    };
    Ok(bmc.cipher_suites.iter().map(program).collect())
}

/// Whether what `ipmitool` printed last means that the controller has a session already.
pub fn is_held(text: &str) -> bool {
    text.contains("SOL payload already active on another session")
}

/// Whether what `ipmitool` printed means that another cipher suite may do.
pub fn wants_other_suite(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "no matching cipher",
        "invalid authentication algorithm",
        "invalid integrity",
        "invalid confidentiality",
        "no cipher suite match",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretName;
    use crate::domain::endpoint::TlsTrust;

    #[test]
    fn the_password_is_in_no_argument_and_every_suite_is_tried_in_order() {
        let bmc = BmcEndpoint {
            host: "bmc".into(),
            redfish: ("127.0.0.1".into(), 443),
            ipmi: ("127.0.0.1".into(), 6230),
            user: "ops".into(),
            password: SecretName::from("bmc"),
            trust: TlsTrust::System,
            cipher_suites: vec![17, 3],
        };
        let secrets = SecretStore::default();
        let missing = programs("gpu-01", &bmc, &secrets, false).map(|_| ()).unwrap_err();
        assert!(missing.contains("sealed") && missing.contains("gpu-01"), "{missing}");
        secrets.put(SecretName::from("bmc"), "hunter2".to_owned().into());
        let all = programs("gpu-01", &bmc, &secrets, false).unwrap();
        assert_eq!(
            all[1].argv.join(" "),
            "ipmitool -I lanplus -H 127.0.0.1 -p 6230 -U ops -E -C 3 sol activate"
        );
        assert!(all.iter().all(|program| !program.argv.concat().contains("hunter2")));
        let taking = programs("gpu-01", &bmc, &secrets, true).unwrap().remove(1).argv.join(" ");
        assert!(taking.starts_with("sh -c \"$@\" deactivate; exec \"$@\" activate sh ipmitool "));
        assert!(taking.ends_with(" -C 3 sol"), "{taking}");
        assert_eq!(all[0].env, [("IPMI_PASSWORD".to_owned(), "hunter2".to_owned())]);
    }
}
