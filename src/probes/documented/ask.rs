//! The probe of one script for one target.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::complaints::complaint;
use super::script::{MOST, asked, script};
use super::sections::report;
use super::{About, Batch, Given, Section};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{
    Answer, Cause, CauseWord, ProbeId, ProbeName, Report, Site, Target, TargetKind,
};
use crate::probes::hosts::frames::{frames, nonce};
use crate::probes::{AskFuture, Probe, ProbeSpec, Reach};
use crate::transport::ssh::Command;

/// A script for one target.
struct Documented {
    id: ProbeId,
    /// What people call the target.
    name: String,
    batch: &'static Batch,
    sections: Vec<&'static Section>,
    given: Vec<Given>,
    /// The hosts that lead there.
    hosts: Vec<SshEndpoint>,
    /// The host that is asked first: the one that answered last.
    first: AtomicUsize,
}

/// The probes of a script: one for each target that it is about.
pub(super) fn probes(batch: &'static Batch, site: &Site) -> Vec<Arc<dyn Probe>> {
    let leading = || batch.place.hosts(site);
    let probe = |target: &Target, hosts: Vec<SshEndpoint>| -> Option<Arc<dyn Probe>> {
        let given = (batch.given)(site, target);
        let sections = asked(batch, &given);
        let id =
            ProbeId { target: target.id.clone(), probe: ProbeName::fixed(batch.spec.info.name) };
        (!sections.is_empty()).then(|| -> Arc<dyn Probe> {
            let name = target.name.clone();
            let first = AtomicUsize::new(0);
            Arc::new(Documented { id, name, batch, sections, given, hosts, first })
        })
    };
    match batch.about {
        About::Host => {
            let of = |host: &Target| probe(host, host.ssh.clone().into_iter().collect());
            leading().filter_map(of).collect()
        }
        About::Api(system) => {
            let hosts: Vec<SshEndpoint> = leading().filter_map(|host| host.ssh.clone()).collect();
            let systems = site.targets.iter();
            systems
                .filter(|target| target.kind == TargetKind::Api(system))
                .filter_map(|target| probe(target, hosts.clone()))
                .collect()
        }
    }
}

impl Probe for Documented {
    fn id(&self) -> &ProbeId {
        &self.id
    }

    fn spec(&self) -> &'static ProbeSpec {
        &self.batch.spec
    }

    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a> {
        Box::pin(async move {
            let count = self.hosts.len();
            let first = self.first.load(Ordering::Relaxed);
            let mut causes: Vec<Cause> = Vec::new();
            for step in 0..count {
                let at = (first + step) % count;
                let Some(host) = self.hosts.get(at) else { continue };
                // Should it hang until we are given up, the next ask begins with the next.
                self.first.store((at + 1) % count, Ordering::Relaxed);
                match self.ask_on(host, reach).await {
                    Ok(report) => {
                        self.first.store(at, Ordering::Relaxed);
                        return Answer::Facts(report);
                    }
                    Err(cause) => causes.push(cause),
                }
            }
            Answer::from_cause(self.no_host_leads_there(causes))
        })
    }
}

impl Documented {
    async fn ask_on(&self, host: &SshEndpoint, reach: &Reach) -> Result<Report, Cause> {
        let nonce = nonce();
        let on = host.name.as_str();
        let text = script(self.batch, &self.sections, &self.given, host.sudo, &nonce);
        let command = Command {
            stdin: text.into_bytes(),
            timeout: self.batch.spec.timeout,
            max_output: MOST + 64 * 1024,
            ..Command::new("exec sh -s")
        };
        let output = reach.ssh.run(host, &command).await?;
        if let Some(cause) = output.command_missing(on, "sh") {
            return Err(cause);
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let frames = frames(&text, &nonce, on).map_err(|cause| {
            // A container that could not be entered says so on standard error.
            let stderr = String::from_utf8_lossy(&output.stderr);
            let known = complaint(&stderr, self.batch.place.code(), on);
            match (known, output.complaint()) {
                (Some(known), _) => known,
                (None, Some(line)) => cause.with_detail(line),
                (None, None) => cause,
            }
        })?;
        report(self.batch, &self.sections, &frames, on)
    }

    /// Why none of the hosts led to the place: the first one's cause, with the others'.
    fn no_host_leads_there(&self, causes: Vec<Cause>) -> Cause {
        let role = self.batch.place.role().title();
        let mut causes = causes.into_iter();
        let Some(mut cause) = causes.next() else {
            return Cause::new(
                CauseWord::NoRoute,
                format!(
                    "{} cannot be asked: the inventory has no {role} to ask it from",
                    self.name
                ),
                format!("give the inventory a {role}"),
            );
        };
        for other in causes {
            cause = cause.with_detail(&other.sentence);
        }
        cause
    }
}
