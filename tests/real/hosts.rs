//! The probes of hosts against OpenSSH, from the site to the sentence.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use shopfloor::checks::{Catalogue, judge_target};
use shopfloor::domain::keys::hosts as keys;
use shopfloor::domain::{
    FactStore, Judgement, Place, Role, Site, Stamp, Target, TargetId, TargetKind, Verdict,
};
use shopfloor::probes::{Probe, Reach, probes_of};
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{SshPool, SshSettings};

use crate::fleet::{Fleet, fleet};
use crate::suite::{ran, skipped};

pub fn site(fleet: &Fleet, numbers: impl IntoIterator<Item = usize>) -> Site {
    let targets = numbers.into_iter().map(|number| Target {
        id: TargetId::from(Fleet::name(number)),
        name: Fleet::name(number),
        aliases: Vec::new(),
        kind: TargetKind::Host,
        roles: vec![Role::Compute],
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: Some(fleet.endpoint(number)),
        bmc: None,
        machine: None,
        wanted: Default::default(),
        declared: Place::default(),
    });
    Site { targets: targets.collect(), ..Site::default() }
}

pub fn reach(settings: SshSettings) -> Reach {
    let secrets: Arc<SecretStore> = Arc::default();
    Reach {
        ssh: SshPool::new(settings, secrets.clone()),
        http: Arc::new(shopfloor::transport::http::HttpPool::new()),
        secrets,
    }
}

fn now() -> Stamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Stamp(i64::try_from(since.as_millis()).unwrap())
}

/// Asks every probe of the site once, all at the same time.
pub async fn look(site: &Site, reach: &Reach, store: &mut FactStore) {
    ask(probes_of(site), reach, store).await;
}

/// The same of the hosts alone, and of no system that they may carry.
async fn look_at_hosts(site: &Site, reach: &Reach, store: &mut FactStore) {
    let mut probes = probes_of(site);
    probes.retain(|probe| probe.id().probe.as_str().starts_with("host."));
    ask(probes, reach, store).await;
}

async fn ask(probes: Vec<Arc<dyn Probe>>, reach: &Reach, store: &mut FactStore) {
    probes.iter().for_each(|probe| probe.is_due());
    let asked = probes.iter().map(|probe: &Arc<dyn Probe>| async move {
        let began = Instant::now();
        let answer = probe.ask(reach).await;
        (probe.id().clone(), answer, began.elapsed())
    });
    for (id, answer, took) in join_all(asked).await {
        store.take(&id, answer, now(), took.as_millis().try_into().unwrap());
    }
}

pub fn judge(site: &Site, store: &FactStore, number: usize) -> Vec<Judgement> {
    let (catalogue, faults) = Catalogue::load(&[], &site.thresholds);
    assert_eq!(faults, []);
    judge_target(&catalogue, site, store, &TargetId::from(Fleet::name(number)), now())
}

fn find<'a>(judgements: &'a [Judgement], code: &str) -> &'a Judgement {
    judgements.iter().find(|judgement| judgement.check.as_str() == code).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_real_host_tells_its_facts() {
    let fleet = fleet!();
    let (site, reach) = (site(fleet, 60..=75), reach(fleet.settings()));
    let mut store = FactStore::default();
    look(&site, &reach, &mut store).await;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    for number in 60..=75 {
        let facts = store.of(&TargetId::from(Fleet::name(number)));
        for probe in ["host.look", "host.survey"] {
            let state = facts.probe(probe).unwrap();
            assert_eq!(state.trouble, None, "{number} {probe}");
        }
        assert_eq!(facts.get(keys::KERNEL).fresh().map(String::as_str), Some(kernel.trim()));
        assert!(facts.get(keys::MEMORY_TOTAL).fresh().is_some_and(|bytes| *bytes > 1e8));
        let judgements = judge(&site, &store, number);
        assert_eq!(find(&judgements, "HOST-55").verdict, Verdict::Pass);
        let answers = find(&judgements, "HOST-01");
        assert!(matches!(answers.verdict, Verdict::Pass | Verdict::Warn), "{answers:?}");
        // The fleet runs on Debian: the rule must see that it is not Ubuntu.
        assert_eq!(find(&judgements, "HOST-02").verdict, Verdict::Fail);
        // No systemd here: not known is not well.
        if !std::path::Path::new("/run/systemd/system").exists() {
            assert_eq!(find(&judgements, "HOST-50").verdict, Verdict::Unknown);
        }
    }
}

/// An account that is not root: sudo that wants a password, sudo that wants none,
/// and sudo that the inventory turns off, with what needs root in each case.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_root_is_told_by_what_sudo_says() {
    let fleet = match Fleet::start(3) {
        Ok(fleet) => fleet,
        Err(why) => return skipped("hosts", &why),
    };
    if !std::path::Path::new("/usr/bin/sudo").exists() {
        return skipped("hosts", "sudo is not installed");
    }
    let is_free = fleet.fault("sudo-free", 2);
    ran("hosts");
    let mut site = site(&fleet, 1..=3);
    for (at, target) in site.targets.iter_mut().enumerate() {
        target.roles = vec![Role::Control, Role::Storage];
        if let Some(ssh) = &mut target.ssh {
            ssh.sudo = at < 2;
        }
    }
    let mut store = FactStore::default();
    look_at_hosts(&site, &reach(fleet.settings()), &mut store).await;
    let told = |number: usize, code: &str| {
        let all = judge(&site, &store, number);
        let found = find(&all, code);
        let cause = found.cause.as_ref().map(|cause| cause.word().to_owned());
        (found.verdict, found.sentence.clone(), cause)
    };
    let (verdict, sentence, _) = told(1, "HOST-19");
    assert_eq!(
        (verdict, sentence.as_str()),
        (Verdict::Fail, "sudo on node-001 asks for a password")
    );
    // What needs root says that it is for want of it, not that the answer was odd.
    let (verdict, sentence, cause) = told(1, "HOST-15");
    assert_eq!(
        (verdict, cause.as_deref()),
        (Verdict::Unknown, Some("sudo-password")),
        "{sentence}"
    );
    assert!(sentence.contains("sshd on node-001 needs root"), "{sentence}");
    let (verdict, sentence, cause) = told(3, "HOST-15");
    assert_eq!(
        (verdict, cause.as_deref()),
        (Verdict::Unknown, Some("sudo-password")),
        "{sentence}"
    );
    let (verdict, sentence, _) = told(3, "HOST-19");
    assert_eq!(verdict, Verdict::Unknown);
    assert!(sentence.contains("the inventory turns it off"), "{sentence}");
    if is_free {
        let (verdict, sentence, _) = told(2, "HOST-19");
        let free = "sudo on node-002 asks for no password";
        assert_eq!((verdict, sentence.as_str()), (Verdict::Pass, free));
        let (verdict, sentence, _) = told(2, "HOST-15");
        assert!(matches!(verdict, Verdict::Pass | Verdict::Warn | Verdict::Fail), "{sentence}");
    }
}
