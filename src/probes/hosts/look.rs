//! The two probes of a host: what is asked every tick, and what every few minutes.

use std::sync::Arc;
use std::time::Duration;

use super::frames::{MOST, frames, nonce};
use super::parse::{report, script_took_ms};
use super::script::{Parameters, asked, script};
use super::sections::Pace;
use crate::domain::endpoint::SshEndpoint;
use crate::domain::keys::hosts as keys;
use crate::domain::{Answer, Layer, ProbeId, ProbeName, Site, Target, TargetKind};
use crate::probes::{AskFuture, Probe, ProbeSpec, Reach};
use crate::transport::ssh::Command;

/// What is asked every tick.
static LOOK: ProbeSpec = ProbeSpec {
    info: &keys::LOOK,
    layer: Layer::Hosts,
    title: "state of the machine, by one script over SSH",
    every_in_view: Duration::from_secs(10),
    timeout: Duration::from_secs(15),
};

/// What is asked every few minutes.
static SURVEY: ProbeSpec = ProbeSpec {
    info: &keys::SURVEY,
    layer: Layer::Hosts,
    title: "installation of the machine, by one script over SSH",
    every_in_view: Duration::from_secs(120),
    timeout: Duration::from_secs(45),
};

/// The batched script on one host, at one pace.
struct HostLook {
    id: ProbeId,
    endpoint: SshEndpoint,
    parameters: Parameters,
    asked: Vec<&'static str>,
    pace: Pace,
}

/// The probes of every host that is reached over SSH.
pub fn layout(site: &Site) -> Vec<Arc<dyn Probe>> {
    let hosts = site.targets.iter().filter(|target| target.kind == TargetKind::Host);
    hosts
        .flat_map(|target| {
            [Pace::Look, Pace::Survey].into_iter().filter_map(|pace| probe(site, target, pace))
        })
        .collect()
}

/// The probe of one host; `None` when there is nothing to ask at that pace or
/// no way to ask it.
fn probe(site: &Site, target: &Target, pace: Pace) -> Option<Arc<dyn Probe>> {
    let endpoint = target.ssh.clone()?;
    let parameters = Parameters::of(site, target);
    let asked = asked(target, &parameters, pace);
    if asked.is_empty() {
        return None;
    }
    let spec = spec_of(pace);
    let id = ProbeId { target: target.id.clone(), probe: ProbeName::fixed(spec.info.name) };
    Some(Arc::new(HostLook { id, endpoint, parameters, asked, pace }))
}

const fn spec_of(pace: Pace) -> &'static ProbeSpec {
    match pace {
        Pace::Look => &LOOK,
        Pace::Survey => &SURVEY,
    }
}

impl Probe for HostLook {
    fn id(&self) -> &ProbeId {
        &self.id
    }

    fn spec(&self) -> &'static ProbeSpec {
        spec_of(self.pace)
    }

    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a> {
        Box::pin(async move {
            let nonce = nonce();
            let command = Command {
                stdin: script(&self.asked, &self.parameters, &nonce).into_bytes(),
                timeout: self.spec().timeout,
                max_output: MOST + 64 * 1024,
                ..Command::new("exec sh -s")
            };
            let on = self.endpoint.name.as_str();
            let output = match reach.ssh.run(&self.endpoint, &command).await {
                Ok(output) => output,
                Err(cause) => return Answer::from_cause(cause),
            };
            if let Some(cause) = output.command_missing(on, "sh") {
                return Answer::from_cause(cause);
            }
            let text = String::from_utf8_lossy(&output.stdout);
            let frames = match frames(&text, &nonce, on) {
                Ok(frames) => frames,
                Err(cause) => {
                    return Answer::from_cause(match output.complaint() {
                        Some(line) => cause.with_detail(line),
                        None => cause,
                    });
                }
            };
            let mut report = report(&frames, &self.asked, on);
            if self.pace == Pace::Look {
                report.learn(keys::SCRIPT_TOOK, script_took_ms(&frames));
                if let Some(hold) = reach.ssh.hold(&self.endpoint).await {
                    report.learn(keys::CONNECTION_CUTS, hold.broken as f64);
                    report.learn(keys::CONNECTION_HELD, hold.longest.as_secs_f64().round());
                    report.learn(keys::CONNECTION_AGE, hold.age.as_secs_f64().round());
                }
            }
            Answer::Facts(report)
        })
    }
}
