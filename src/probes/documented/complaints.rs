//! What programs say on standard error when they cannot look, as causes: the
//! words of `kubectl` (client-go), `openstack` (keystoneauth), `ceph`, `curl`,
//! `ssh` and `ansible-vault` in the C locale.

use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};

/// A part of a line, and what it means.
struct Known {
    says: &'static str,
    word: fn() -> CauseWord,
    means: &'static str,
    next: &'static str,
}

macro_rules! known {
    ($($says:literal => $word:expr, $means:literal, $next:literal;)+) => {
        &[$(Known { says: $says, word: || $word, means: $means, next: $next },)+]
    };
}

/// The first that fits counts: what is closer to the cause comes before.
const KNOWN: &[Known] = known! {
    "Decryption failed" => CauseWord::PasswordSealed, "cannot open what the vault sealed", "see whether the vault's password there is the right one";
    "x509: " => CauseWord::System("tls-untrusted".to_owned()), "does not trust the certificate it was shown", "compare the certificate's names and issuer with what is expected";
    "certificate verify failed" => CauseWord::System("tls-untrusted".to_owned()), "does not trust the certificate it was shown", "compare the certificate's names and issuer with what is expected";
    "SSL certificate problem" => CauseWord::System("tls-untrusted".to_owned()), "does not trust the certificate it was shown", "compare the certificate's names and issuer with what is expected";
    "Unauthorized" => CauseWord::AuthRefused, "is not let in", "see whether its credentials are still the right ones";
    "Forbidden" => CauseWord::AuthRefused, "is not allowed to look", "see what its account may do";
    "forbidden: " => CauseWord::AuthRefused, "is not allowed to look", "see what its account may do";
    "The request you have made requires authentication" => CauseWord::AuthRefused, "is not let in", "see whether its credentials are still the right ones";
    "Permission denied" => CauseWord::AuthRefused, "is not let in", "see whether its credentials are still the right ones";
    "no monitor in quorum answered" => CauseWord::System("no-quorum".to_owned()), "gets no answer of a monitor in quorum: there is no quorum, or no way to it", "start the monitors that are down; mon_status at each monitor's admin socket tells whom it misses";
    "no manager is active" => CauseWord::System("no-manager".to_owned()), "is answered by a manager alone, and none is active", "start a manager: ceph mgr stat, systemctl status of the managers' units";
    "has experienced an error and cannot handle commands" => CauseWord::System("module-crashed".to_owned()), "is answered by a module of the manager that has crashed", "ceph mgr fail, then read what crashed: ceph crash ls-new";
    "No orchestrator configured" => CauseWord::System("no-orchestrator".to_owned()), "is answered by the orchestrator, and this cluster has none", "is the cluster deployed by cephadm? ceph orch status";
    "no valid command found" => CauseWord::CommandMissing, "does not know this command", "ceph mgr module ls: is the module that has it loaded";
    "access denied" => CauseWord::AuthRefused, "is not allowed to look", "see what the key may do: ceph auth get";
    "RADOS permission denied" => CauseWord::AuthRefused, "is not let in: the monitors refuse the key", "see whether the keyring is that of this cluster";
    "error calling conf_read_file" => CauseWord::CommandMissing, "finds no ceph.conf", "see whether /etc/ceph/ceph.conf is there";
    "cannot identify monitors to contact" => CauseWord::NameUnknown, "finds no address of a monitor", "see mon_host in ceph.conf";
    "unable to find a keyring" => CauseWord::AuthRefused, "has no key for the cluster", "see whether the admin's keyring is there";
    "error connecting to the cluster" => CauseWord::Silent, "does not reach the cluster", "see whether the monitors run and have a quorum";
    "Missing value auth-url" => CauseWord::PasswordSealed, "has no credentials of the cloud", "prepare the credentials there";
    "onnection refused" => CauseWord::Refused, "is refused the connection", "see whether the service runs and listens there";
    "was refused - did you specify the right host or port" => CauseWord::Refused, "is refused the connection", "see whether the service runs and listens there";
    "o route to host" => CauseWord::NoRoute, "has no way there", "see the routes of that host";
    "etwork is unreachable" => CauseWord::NoRoute, "has no way there", "see the routes of that host";
    "no such host" => CauseWord::NameUnknown, "does not know the name it is to ask", "see the resolver of that host";
    "ame or service not known" => CauseWord::NameUnknown, "does not know the name it is to ask", "see the resolver of that host";
    "ould not resolve host" => CauseWord::NameUnknown, "does not know the name it is to ask", "see the resolver of that host";
    "i/o timeout" => CauseWord::TimedOut, "gets no answer in time", "see whether the service is overloaded or the way to it is closed";
    "imed out" => CauseWord::TimedOut, "gets no answer in time", "see whether the service is overloaded or the way to it is closed";
    "context deadline exceeded" => CauseWord::TimedOut, "gets no answer in time", "see whether the service is overloaded or the way to it is closed";
};

/// The cause that a program's standard error names; `None` when it is none of the known ones.
pub(super) fn complaint(stderr: &str, program: &str, on: &str) -> Option<Cause> {
    let line = |says: &str| stderr.lines().find(|line| line.contains(says));
    let (known, line) = KNOWN.iter().find_map(|known| Some((known, line(known.says)?)))?;
    let sentence = format!("{program} on {on} {}", known.means);
    Some(Cause::new((known.word)(), sentence, known.next).with_detail(printable(line)))
}

/// The cause of a section whose credentials stay closed.
pub(super) fn sealed(program: &str, on: &str, said: Option<&str>) -> Cause {
    let cause = Cause::new(
        CauseWord::PasswordSealed,
        format!("{program} on {on} has no credentials that are open there"),
        format!(
            "begin a deployment shell on {on} (platform-setup.sh --shell), or prepare the credentials there"
        ),
    );
    match said {
        Some(line) => cause.with_detail(line),
        None => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_has_its_cause() {
        for (stderr, word) in [
            (
                "The connection to the server 172.30.0.1:6443 was refused - did you specify the right host or port?\n",
                "refused",
            ),
            ("Unable to connect to the server: dial tcp 172.30.0.1:6443: i/o timeout", "timed-out"),
            (
                "Unable to connect to the server: x509: certificate is valid for 10.43.0.1, not 10.1.1.1",
                "tls-untrusted",
            ),
            ("error: You must be logged in to the server (Unauthorized)", "auth-refused"),
            ("Error from server (Forbidden): agents is forbidden", "auth-refused"),
            ("dial tcp: lookup hh on 10.0.0.1:53: no such host", "name-unknown"),
            ("ERROR! Decryption failed (no vault secrets were found)", "password-sealed"),
            ("[errno 110] RADOS timed out (error connecting to the cluster)", "silent"),
            ("core@172.30.0.20: Permission denied (publickey).", "auth-refused"),
        ] {
            let cause = complaint(stderr, "kubectl", "hedgehog0").expect(stderr);
            assert_eq!(cause.word.word(), word, "{stderr}");
            assert!(cause.sentence.starts_with("kubectl on hedgehog0 "), "{}", cause.sentence);
        }
        assert_eq!(complaint("error: the server doesn't have a resource type", "k", "h"), None);
        assert_eq!(complaint("", "k", "h"), None);
    }
}
