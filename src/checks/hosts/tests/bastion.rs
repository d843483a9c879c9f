//! Rules about the bastion.

use super::*;

#[test]
fn bastion_rules() {
    let b = || World::of(Bastion);
    let wire = |addresses: &'static str, dynamic: &'static str| {
        links(&[["enp1s0", "UP", "", "", "", "", "", addresses, dynamic]])
    };
    b().learn(keys::LINKS, wire("10.30.0.101/24", "yes")).says(
        "BAST-02",
        Fail,
        "m-01 has its address on enp1s0 from DHCP",
    );
    b().learn(keys::LINKS, wire("10.30.0.7/24", "no")).says(
        "BAST-02",
        Fail,
        "m-01 has not its planned address 10.30.0.101 on an en* interface",
    );
    let names = |rows: &[&[&str]]| b().learn(keys::RESOLVED, table(&["name", "address"], rows));
    names(&[&["ghcr.io", "1.2.3.4"], &["ctl-01", "-"]]).says(
        "BAST-03",
        Warn,
        "m-01 resolves outside names, but not ctl-01",
    );
    names(&[&["ghcr.io", "-"], &["ctl-01", "10.0.0.1"]]).says(
        "BAST-03",
        Fail,
        "m-01 does not resolve ghcr.io",
    );
    b().learn(survey::RUNTIME, String::new()).says(
        "BAST-04",
        Fail,
        "m-01 has neither podman nor docker",
    );
    b().learn(survey::IMAGES, Vec::new()).says(
        "BAST-06",
        Fail,
        "m-01 has not loaded the deployment image gpu-infra-ansible",
    );
    let files = |rows: &[&[&str]]| b().learn(survey::SSH_FILES, table(&["mode", "path"], rows));
    files(&[&["644", "/home/ubuntu/.ssh/site"]]).says(
        "BAST-09",
        Fail,
        "m-01 has ~/.ssh/site with mode 644",
    );
    files(&[]).says("BAST-09", Fail, "m-01 has no key ~/.ssh/site");
    b().learn(survey::CACHE_FREE, 29e9).says(
        "BAST-10",
        Fail,
        "m-01 has 29 GB left for VM images, 30 GB are needed",
    );
    b().learn(survey::KEYRINGS, keyrings(&["cinder"], "$ANSIBLE_VAULT;")).says(
        "BAST-11",
        Fail,
        "m-01 lacks the keyrings of cinder-backup and glance",
    );
    let all = ["cinder", "cinder-backup", "glance"];
    b().learn(survey::KEYRINGS, keyrings(&all, "clear")).says(
        "BAST-11",
        Warn,
        "m-01 has the keyrings of cinder, cinder-backup and glance in clear text",
    );
    let mut old = keyrings(&all, "$ANSIBLE_VAULT;");
    let source = "/home/ubuntu/release-assets/assets/ceph/ceph.client.glance.keyring";
    old.push(vec!["101".into(), source.into(), "clear".into()]);
    b().learn(survey::KEYRINGS, old).says(
        "BAST-11",
        Warn,
        "m-01 has older keyrings of glance than the ones Ceph wrote",
    );
    b().learn(survey::RECAP, recap("1", "0")).says(
        "BAST-12",
        Fail,
        "the last run on m-01 failed for ctl-01",
    );
    b().learn(survey::RECAP, recap("0", "2")).says(
        "BAST-12",
        Warn,
        "the last run on m-01 went through with ignored or rescued errors on ctl-01",
    );
    let died = || b().learn(survey::RECAP, table(&["host"], &[]));
    died().says("BAST-12", Fail, "the last run on m-01 died: its log has no recap");
    let running = words(&["4242 bash ./scripts/platform-setup.sh"]);
    died().learn(keys::RUNS, running.clone()).says(
        "BAST-12",
        NotYet,
        "a run is in progress on m-01",
    );
    b().learn(survey::LAST_RUN, String::new()).says(
        "BAST-12",
        NotYet,
        "m-01 has no log of a run yet",
    );
    let left = |mode| {
        b().learn(survey::VAULT_FILES, table(&["mode", "path"], &[&[mode, "/tmp/vault-key.txt"]]))
    };
    left("600").says(
        "BAST-13",
        Fail,
        "m-01 keeps a vault password in /tmp/vault-key.txt, and no run is in progress",
    );
    left("600").learn(keys::RUNS, running.clone()).says(
        "BAST-13",
        Warn,
        "m-01 keeps a vault password in /tmp/vault-key.txt for the run",
    );
    left("644").learn(keys::RUNS, running.clone()).says(
        "BAST-13",
        Fail,
        "others can read the vault password in /tmp/vault-key.txt on m-01",
    );
    b().learn(keys::RUNS, running.clone()).says("BAST-14", Warn, "a deployment runs on m-01");
    b().learn(keys::RUNS, running.clone()).says(
        "BAST-15",
        Warn,
        "a deployment runs on m-01 outside any session: a lost line would end it",
    );
    b().learn(keys::RUNS, running)
        .learn(keys::MULTIPLEXERS, words(&["bootstrap 1 1790000000"]))
        .says("BAST-15", Pass, "a session on m-01 can hold the run");
}

#[test]
fn a_run_that_could_not_reach_a_host_failed() {
    let recap = table(
        &["host", "unreachable", "failed", "rescued", "ignored"],
        &[&["ctl-01", "1", "0", "0", "0"]],
    );
    World::of(Bastion).learn(survey::RECAP, recap).says(
        "BAST-12",
        Fail,
        "the last run on m-01 failed for ctl-01",
    );
}

#[test]
fn names_of_which_the_outside_one_is_missing_are_not_called_well() {
    let inside = table(&["name", "address"], &[&["ctl-01", "10.30.0.101"]]);
    World::of(Bastion).learn(keys::RESOLVED, inside).says(
        "BAST-03",
        Unknown,
        "m-01 did not say whether it resolves ghcr.io",
    );
}
