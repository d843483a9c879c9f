//! The documented requests of registry and metrics against a real registry and
//! a real Prometheus, started by `tests/servers/services.sh`: each section's own
//! script under `sh`, read and judged as in the product.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use shopfloor::checks::{Catalogue, judge_target};
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{
    Answer, Cause, CauseWord, FactStore, Judgement, KeyName, Place, ProbeId, ProbeName, Report,
    Role, Site, Stamp, System, Target, TargetId, TargetKind, Verdict, wanted,
};
use shopfloor::probes::documented::{SectionAnswer, batches};

use crate::suite::{ran, skipped};

const NOW: Stamp = Stamp(1_795_262_400_000);

/// The running servers; dropped, they are taken down.
struct Lab {
    root: tempfile::TempDir,
}

impl Lab {
    fn new() -> Lab {
        Lab { root: tempfile::tempdir().unwrap() }
    }

    /// Runs the recipe; its standard output.
    fn tell(&self, verb: &str, more: &[&str]) -> Result<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/services.sh");
        let out = Command::new(script).arg(verb).arg(self.root.path()).args(more).output();
        let out = out.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
        match out.status.success() {
            true => Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned()),
            false => Err(said.lines().last().unwrap_or("no reason given").to_owned()),
        }
    }

    fn metrics(&self, text: &str) {
        std::fs::write(self.root.path().join("www/metrics"), text).unwrap();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.tell("down", &[]);
    }
}

fn target(id: &str, kind: TargetKind) -> Target {
    let is_host = kind == TargetKind::Host;
    Target {
        id: TargetId::from(id),
        name: id.to_owned(),
        aliases: Vec::new(),
        kind,
        roles: if is_host { vec![Role::Bastion] } else { Vec::new() },
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: is_host.then(|| SshEndpoint {
            name: id.to_owned(),
            address: "127.0.0.1".to_owned(),
            port: None,
            user: None,
            identity_file: None,
            common_args: None,
            via: None,
            directory: std::path::PathBuf::new(),
            sudo: false,
        }),
        bmc: None,
        machine: None,
        wanted: BTreeMap::new(),
        declared: Place::default(),
    }
}

/// Asks these sections of a script with these values, and judges what they told.
fn look(probe: &str, sections: &[&str], values: &[(&str, &str)]) -> BTreeMap<String, Judgement> {
    let mut site = Site {
        targets: vec![
            target("b0", TargetKind::Host),
            target("api:management", TargetKind::Api(System::Management)),
        ],
        ..Site::default()
    };
    site.wanted.insert(wanted::REGISTRY_POPULATE.into(), "yes".into());
    site.wanted.insert(wanted::REGISTRY_IMAGES.into(), "3".into());
    let batch = batches().find(|batch| batch.spec.info.name == probe).unwrap();
    let mut report = Report::default();
    for name in sections {
        let section = batch.sections.iter().find(|section| section.name == *name).unwrap();
        let mut script =
            "T=\nt() { command -v \"$1\" >/dev/null 2>&1 || return 127; \"$@\"; }\n".to_owned();
        for (name, value) in values {
            script.push_str(&format!("{name}='{value}'\n"));
        }
        script.push_str(&format!("q() {{\n{}\n}}\nq\n", section.script));
        let out = Command::new("sh").args(["-c", &script]).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        let status = out.status.code().unwrap_or(255);
        let answer = SectionAnswer { stdout: &stdout, stderr: &stderr, status };
        if (section.read)(&answer, &mut report).is_err() {
            for key in section.keys {
                if !report.facts.iter().any(|fact| fact.key.as_str() == key.name) {
                    let cause = Cause::new(CauseWord::Garbled, "it cannot be read", "try by hand");
                    report.lost.push((KeyName::fixed(key.name), cause));
                }
            }
        }
    }
    let about = if probe.starts_with("observing") { "api:management" } else { "b0" };
    let id =
        ProbeId { target: TargetId::from(about), probe: ProbeName::fixed(batch.spec.info.name) };
    let mut facts = FactStore::default();
    facts.take(&id, Answer::Facts(report), NOW, 10);
    let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
    assert_eq!(faults, []);
    let all = judge_target(&catalogue, &site, &facts, &TargetId::from(about), NOW);
    all.into_iter().map(|one| (one.check.to_string(), one)).collect()
}

fn says(told: &BTreeMap<String, Judgement>, id: &str, verdict: Verdict, sentence: &str) {
    let one = &told[id];
    assert_eq!((one.verdict, one.sentence.as_str()), (verdict, sentence), "{id}");
}

#[test]
fn a_registry_is_judged_well_empty_mistagged_hung_and_gone() {
    const SUITE: &str = "registry";
    let lab = Lab::new();
    let at = match lab.tell("registry", &[]) {
        Ok(at) => at,
        Err(why) => return skipped(SUITE, &why),
    };
    ran(SUITE);
    let url = format!("http://{at}");
    let ask = || {
        let values = [("REGISTRY", url.as_str()), ("NAMESPACE", "openstack.kolla/")];
        let mut told = look("services.look", &["registry"], &values);
        let survey = look("services.survey", &["repositories", "tags"], &values);
        told.extend(
            survey.into_iter().filter(|(id, _)| matches!(id.as_str(), "REG-03" | "REG-04")),
        );
        told
    };
    let told = ask();
    says(&told, "REG-01", Verdict::Pass, "the local registry answers");
    let empty = "the local registry has no image, an OpenStack deployment has nothing to pull";
    says(&told, "REG-03", Verdict::Fail, empty);
    says(&told, "REG-04", Verdict::NotYet, "the local registry has no mirrored image yet");

    let tag = wanted::USUAL_REGISTRY_TAG;
    lab.tell("push", &[tag, "openstack.kolla/keystone", "openstack.kolla/nova-api"]).unwrap();
    let told = ask();
    says(&told, "REG-03", Verdict::Warn, "the local registry has 2 of 3 images");
    says(&told, "REG-04", Verdict::Pass, &format!("2 images have the tag {tag}"));

    lab.tell("push", &["2024.2", "openstack.kolla/cinder-api"]).unwrap();
    let told = ask();
    says(&told, "REG-03", Verdict::Pass, "the local registry has its 3 images");
    says(&told, "REG-04", Verdict::Fail, &format!("openstack.kolla/cinder-api has no tag {tag}"));

    lab.tell("hang", &["registry"]).unwrap();
    let told = ask();
    says(&told, "REG-01", Verdict::Fail, "the local registry does not answer: no answer in time");
    assert_eq!(told["REG-03"].verdict, Verdict::Unknown, "{}", told["REG-03"].sentence);
    assert_eq!(told["REG-04"].verdict, Verdict::Unknown, "{}", told["REG-04"].sentence);
    lab.tell("go", &["registry"]).unwrap();
    says(&ask(), "REG-01", Verdict::Pass, "the local registry answers");

    lab.tell("end", &["registry"]).unwrap();
    let refused = "the local registry does not answer: the connection is refused";
    says(&ask(), "REG-01", Verdict::Fail, refused);
}

const WELL: &str = "ipmi_up{collector=\"ipmi\",device_host=\"control0-ipmi\"} 1
ipmi_temperature_state{device_host=\"control0-ipmi\",name=\"Inlet\"} 0
ipmi_fan_speed_state{device_host=\"control0-ipmi\",name=\"Fan 1\"} 0
ipmi_fan_speed_state{device_host=\"control0-ipmi\",name=\"Fan 2\"} 0
ipmi_voltage_state{device_host=\"control0-ipmi\",name=\"12V\"} 0
ipmi_chassis_power_state{device_host=\"control0-ipmi\"} 1
ipmi_dcmi_power_consumption_watts{device_host=\"control0-ipmi\"} 412
vpn_agent_info{instance=\"vpn-1\",tenant_id=\"56aa\"} 1
";

#[test]
fn a_prometheus_is_judged_well_and_with_what_its_exporters_find() {
    const SUITE: &str = "prometheus";
    let lab = Lab::new();
    let at = match lab.tell("prometheus", &[]) {
        Ok(at) => at,
        Err(why) => return skipped(SUITE, &why),
    };
    ran(SUITE);
    lab.metrics(WELL);
    let url = format!("http://{at}");
    let ask = || {
        const SECTIONS: [&str; 8] = [
            "prometheus",
            "ipmi-down",
            "temperatures",
            "fans",
            "voltages",
            "chassis",
            "snmp-down",
            "reconciliation",
        ];
        look("observing.look", &SECTIONS, &[("PROMETHEUS", url.as_str())])
    };
    // What is scraped every second is there after a few; a busy machine may take longer.
    let until = |wanted: &dyn Fn(&BTreeMap<String, Judgement>) -> bool| {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let told = ask();
            if wanted(&told) || Instant::now() > end {
                return told;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    // The requests of one look may lie on both sides of a scrape.
    let all = |told: &BTreeMap<String, Judgement>, ids: &[&str], verdict: Verdict| {
        ids.iter().all(|id| told[*id].verdict == verdict)
    };
    let scraped = ["OBS-04", "IPMI-01", "IPMI-02", "IPMI-03", "IPMI-04", "IPMI-05"];
    let told = until(&|told| all(told, &scraped, Verdict::Pass));
    says(&told, "OBS-04", Verdict::Pass, "Prometheus scrapes 2 of 2 targets");
    says(&told, "IPMI-01", Verdict::Pass, "the exporter reads every management controller");
    says(&told, "IPMI-02", Verdict::Pass, "the exporter finds temperature sensors well");
    says(&told, "IPMI-03", Verdict::Pass, "the exporter finds fans well");
    says(&told, "IPMI-04", Verdict::Pass, "the exporter finds voltages well");
    says(&told, "IPMI-05", Verdict::Pass, "the exporter sees 1 of 1 machines powered");
    says(&told, "SNMP-02", Verdict::Pass, "the exporter scrapes every switch");
    says(&told, "VPN-06", Verdict::Pass, "no VPN agent has reconciliation errors");

    let ill = WELL
        .replace(
            "ipmi_up{collector=\"ipmi\",device_host=\"control0-ipmi\"} 1",
            "ipmi_up{collector=\"ipmi\",device_host=\"control0-ipmi\"} 0",
        )
        .replace("name=\"Fan 2\"} 0", "name=\"Fan 2\"} 2")
        .replace(
            "ipmi_chassis_power_state{device_host=\"control0-ipmi\"} 1",
            "ipmi_chassis_power_state{device_host=\"control0-ipmi\"} 0",
        );
    lab.metrics(&ill);
    // Nobody listens on port 9 of this address.
    lab.tell("target", &["snmp-if", "127.0.5.9:9"]).unwrap();
    let broken = ["SNMP-02", "IPMI-01", "IPMI-03", "IPMI-05"];
    let told = until(&|told| all(told, &broken, Verdict::Fail));
    says(&told, "IPMI-01", Verdict::Fail, "the exporter cannot read ipmi of control0-ipmi");
    says(&told, "IPMI-03", Verdict::Fail, "the exporter finds only 50.00 % of fans well");
    says(&told, "IPMI-05", Verdict::Fail, "the exporter sees control0-ipmi powered off");
    says(&told, "SNMP-02", Verdict::Fail, "the exporter cannot scrape 127.0.5.9:9 (snmp-if)");
    says(&told, "OBS-04", Verdict::Warn, "Prometheus cannot scrape snmp-if of 127.0.5.9:9");

    lab.tell("hang", &["prometheus"]).unwrap();
    let told = ask();
    says(&told, "OBS-04", Verdict::Fail, "Prometheus is not ready: no answer in time");
    assert_eq!(told["IPMI-01"].verdict, Verdict::Unknown, "what nobody tells is not well");
    lab.tell("go", &["prometheus"]).unwrap();
    lab.tell("end", &["prometheus"]).unwrap();
    let told = ask();
    says(&told, "OBS-04", Verdict::Fail, "Prometheus is not ready: the connection is refused");
    for id in ["IPMI-01", "IPMI-03", "SNMP-02", "VPN-06"] {
        assert_eq!(told[id].verdict, Verdict::Unknown, "{id}: {}", told[id].sentence);
    }
}
