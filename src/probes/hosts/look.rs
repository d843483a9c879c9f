//! The two probes of a host: what is asked every tick, and what every few
//! minutes. When both are due, one script over one channel asks for both.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::frames::{MOST, frames, is_whole, nonce};
use super::parse::{report, script_took_ms};
use super::script::{Parameters, Part, asked, script};
use super::sections::Pace;
use crate::domain::endpoint::SshEndpoint;
use crate::domain::keys::hosts as keys;
use crate::domain::{Answer, Cause, Layer, ProbeId, ProbeName, Site, Target, TargetKind};
use crate::probes::{AskFuture, Probe, ProbeSpec, Reach};
use crate::transport::output::Output;
use crate::transport::ssh::{Command, SshPool};

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

/// One host, and what its two probes agree on.
struct Host {
    endpoint: SshEndpoint,
    parameters: Parameters,
    look: Vec<&'static str>,
    survey: Vec<&'static str>,
    tick: Mutex<Tick>,
}

/// What is asked of a host at one moment.
#[derive(Default)]
struct Tick {
    look_is_due: bool,
    survey_is_due: bool,
    /// The answer to the one that did not begin, when both are asked by one script.
    coming: Option<(Pace, oneshot::Receiver<Answer>)>,
}

/// The batched script on one host, at one pace.
struct HostLook {
    id: ProbeId,
    host: Arc<Host>,
    pace: Pace,
}

/// The probes of every host that is reached over SSH.
pub fn layout(site: &Site) -> Vec<Arc<dyn Probe>> {
    let hosts = site.targets.iter().filter(|target| target.kind == TargetKind::Host);
    hosts.flat_map(|target| probes(site, target)).collect()
}

/// The probes of one host; none at a pace when there is nothing to ask at it,
/// or no way to ask it.
fn probes(site: &Site, target: &Target) -> Vec<Arc<dyn Probe>> {
    let Some(endpoint) = target.ssh.clone() else { return Vec::new() };
    let parameters = Parameters::of(site, target);
    let look = asked(target, &parameters, Pace::Look);
    let survey = asked(target, &parameters, Pace::Survey);
    let host = Arc::new(Host { endpoint, parameters, look, survey, tick: Mutex::default() });
    let paces = [Pace::Look, Pace::Survey].into_iter();
    let paces = paces.filter(|pace| !host.asked(*pace).is_empty());
    let probe = |pace| -> Arc<dyn Probe> {
        let name = ProbeName::fixed(spec_of(pace).info.name);
        let id = ProbeId { target: target.id.clone(), probe: name };
        Arc::new(HostLook { id, host: Arc::clone(&host), pace })
    };
    paces.map(probe).collect()
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

    fn is_due(&self) {
        let mut tick = self.host.lock_tick();
        match self.pace {
            Pace::Look => tick.look_is_due = true,
            Pace::Survey => tick.survey_is_due = true,
        }
        // An answer that nobody fetched is old by now.
        tick.coming.take_if(|(pace, _)| *pace == self.pace);
    }

    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a> {
        Box::pin(async move {
            if let Some(coming) = self.host.join(self.pace, &reach.ssh)
                && let Ok(answer) = coming.await
            {
                return answer;
            }
            self.host.ask_alone(self.pace, &reach.ssh).await
        })
    }
}

impl Host {
    fn asked(&self, pace: Pace) -> &[&'static str] {
        match pace {
            Pace::Look => &self.look,
            Pace::Survey => &self.survey,
        }
    }

    fn lock_tick(&self) -> MutexGuard<'_, Tick> {
        self.tick.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that one script for both brings, when both are due; the first that comes sends it.
    fn join(self: &Arc<Host>, pace: Pace, ssh: &Arc<SshPool>) -> Option<oneshot::Receiver<Answer>> {
        let mut tick = self.lock_tick();
        if let Some((_, coming)) = tick.coming.take_if(|(of, _)| *of == pace) {
            return Some(coming);
        }
        let both = tick.look_is_due && tick.survey_is_due;
        if !both {
            match pace {
                Pace::Look => tick.look_is_due = false,
                Pace::Survey => tick.survey_is_due = false,
            }
            return None;
        }
        (tick.look_is_due, tick.survey_is_due) = (false, false);
        let (to_look, of_look) = oneshot::channel();
        let (to_survey, of_survey) = oneshot::channel();
        let (own, other) = match pace {
            Pace::Look => (of_look, (Pace::Survey, of_survey)),
            Pace::Survey => (of_survey, (Pace::Look, of_look)),
        };
        tick.coming = Some(other);
        // A task of its own: one of the two may be given up while the other still waits.
        let (host, ssh) = (Arc::clone(self), Arc::clone(ssh));
        tokio::spawn(async move { host.ask_both(&ssh, to_look, to_survey).await });
        Some(own)
    }

    /// The script for these paces, one part each; it may take as long as the slowest.
    fn command(&self, paces: &[(Pace, &str)]) -> Command {
        let parts: Vec<Part<'_>> =
            paces.iter().map(|(pace, nonce)| Part { sections: self.asked(*pace), nonce }).collect();
        let timeouts = paces.iter().map(|(pace, _)| spec_of(*pace).timeout);
        Command {
            stdin: script(&parts, &self.parameters).into_bytes(),
            timeout: timeouts.max().unwrap_or_default(),
            max_output: parts.len() * MOST + 64 * 1024,
            ..Command::new("exec sh -s")
        }
    }

    async fn ask_alone(&self, pace: Pace, ssh: &SshPool) -> Answer {
        let nonce = nonce();
        match ssh.run(&self.endpoint, &self.command(&[(pace, &nonce)])).await {
            Ok(output) => self.told(pace, &nonce, &output, ssh).await.unwrap_or_else(|cause| cause),
            Err(cause) => Answer::from_cause(cause),
        }
    }

    /// Asks for both by one script. The look has its answer as soon as its part
    /// is there. When the survey's part does not come whole, or the look is
    /// given up before its own is there, the survey gets none and asks alone:
    /// what is wrong with one part says nothing of the other.
    async fn ask_both(
        &self,
        ssh: &SshPool,
        to_look: oneshot::Sender<Answer>,
        mut to_survey: oneshot::Sender<Answer>,
    ) {
        let (of_look, of_survey) = (nonce(), nonce());
        let command = self.command(&[(Pace::Look, &of_look), (Pace::Survey, &of_survey)]);
        let (watcher, mut pieces) = mpsc::unbounded_channel();
        let running = ssh.run_watched(&self.endpoint, &command, Some(watcher));
        tokio::pin!(running);
        let (mut to_look, mut seen) = (Some(to_look), Vec::new());
        let ended = loop {
            let given_up = async {
                match &mut to_look {
                    Some(to_look) => to_look.closed().await,
                    None => to_survey.closed().await,
                }
            };
            tokio::select! {
                ended = &mut running => break ended,
                () = given_up => return,
                Some(piece) = pieces.recv() => {
                    seen.extend(piece);
                    if to_look.is_none() || !is_whole(&seen, &of_look) {
                        continue;
                    }
                    let answer = self.facts(Pace::Look, &of_look, &seen, ssh).await;
                    if let (Ok(answer), Some(to_look)) = (answer, to_look.take()) {
                        let _ = to_look.send(answer);
                    }
                }
            }
        };
        let output = match ended {
            Ok(output) => output,
            Err(cause) => {
                if let Some(to_look) = to_look {
                    let _ = to_look.send(Answer::from_cause(cause.clone()));
                }
                let _ = to_survey.send(Answer::from_cause(cause));
                return;
            }
        };
        if let Some(to_look) = to_look {
            let told = self.told(Pace::Look, &of_look, &output, ssh).await;
            let _ = to_look.send(told.unwrap_or_else(|cause| cause));
        }
        if let Ok(answer) = self.told(Pace::Survey, &of_survey, &output, ssh).await {
            let _ = to_survey.send(answer);
        }
    }

    /// What a script that ended told at one pace; an error when its part is not whole.
    async fn told(
        &self,
        pace: Pace,
        nonce: &str,
        output: &Output,
        ssh: &SshPool,
    ) -> Result<Answer, Answer> {
        if let Some(cause) = output.command_missing(&self.endpoint.name, "sh") {
            return Err(Answer::from_cause(cause));
        }
        self.facts(pace, nonce, &output.stdout, ssh).await.map_err(|cause| {
            Answer::from_cause(match output.complaint() {
                Some(line) => cause.with_detail(line),
                None => cause,
            })
        })
    }

    /// The facts of one part of what the script printed.
    async fn facts(
        &self,
        pace: Pace,
        nonce: &str,
        printed: &[u8],
        ssh: &SshPool,
    ) -> Result<Answer, Cause> {
        let on = self.endpoint.name.as_str();
        let text = String::from_utf8_lossy(printed);
        let frames = frames(&text, nonce, on)?;
        let mut report = report(&frames, self.asked(pace), on);
        if pace == Pace::Look {
            report.learn(keys::SCRIPT_TOOK, script_took_ms(&frames));
            if let Some(hold) = ssh.hold(&self.endpoint).await {
                report.learn(keys::CONNECTION_CUTS, hold.broken as f64);
                report.learn(keys::CONNECTION_HELD, hold.longest.as_secs_f64().round());
                report.learn(keys::CONNECTION_AGE, hold.age.as_secs_f64().round());
            }
        }
        Ok(Answer::Facts(report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::secrets::SecretStore;
    use crate::transport::ssh::SshSettings;

    fn host() -> Arc<Host> {
        let endpoint = SshEndpoint {
            name: "gpu-07".into(),
            // Nothing listens there.
            address: "127.0.0.1".into(),
            port: Some(1),
            user: Some("ops".into()),
            identity_file: None,
            common_args: None,
            via: None,
            directory: std::path::PathBuf::new(),
            sudo: false,
        };
        let (look, survey) = (vec!["kernel", "clock"], vec!["sudo"]);
        let parameters = Parameters::default();
        Arc::new(Host { endpoint, parameters, look, survey, tick: Mutex::default() })
    }

    fn pool() -> Arc<SshPool> {
        let settings = SshSettings {
            config_file: None,
            system_config_file: None,
            known_hosts: Vec::new(),
            identity_files: Vec::new(),
            agent_socket: None,
            ..SshSettings::default()
        };
        SshPool::new(settings, Arc::new(SecretStore::default()))
    }

    fn probe(host: &Arc<Host>, pace: Pace) -> HostLook {
        let id = ProbeId { target: "gpu-07".into(), probe: spec_of(pace).info.name.into() };
        HostLook { id, host: Arc::clone(host), pace }
    }

    #[test]
    fn one_script_holds_a_part_for_each_pace() {
        let command = host().command(&[(Pace::Look, "f00d"), (Pace::Survey, "beef")]);
        let text = String::from_utf8(command.stdin).unwrap();
        let sections: Vec<&str> =
            text.lines().filter(|line| line.starts_with("# ") || line.starts_with("#: ")).collect();
        assert_eq!(
            sections,
            [
                "# shopfloor look 1 f00d",
                "#: kernel",
                "#: clock",
                "# shopfloor look 1 beef",
                "#: sudo"
            ]
        );
        assert_eq!(text.matches("exec </dev/null").count(), 2);
        assert_eq!(command.timeout, SURVEY.timeout);
    }

    #[tokio::test]
    async fn only_both_at_the_same_time_go_together() {
        let (host, ssh) = (host(), pool());
        let (look, survey) = (probe(&host, Pace::Look), probe(&host, Pace::Survey));
        assert!(host.join(Pace::Look, &ssh).is_none(), "nobody said that the other is due");
        look.is_due();
        assert!(host.join(Pace::Look, &ssh).is_none(), "one alone");
        survey.is_due();
        look.is_due();
        assert!(host.join(Pace::Survey, &ssh).is_some(), "the first sends the script");
        assert!(host.join(Pace::Look, &ssh).is_some(), "the second finds its answer coming");
        assert!(host.join(Pace::Look, &ssh).is_none(), "once");
        // An answer that was never fetched is not given to a later ask.
        survey.is_due();
        look.is_due();
        assert!(host.join(Pace::Survey, &ssh).is_some());
        look.is_due();
        assert!(host.join(Pace::Look, &ssh).is_none());
    }

    #[tokio::test]
    async fn both_learn_that_the_host_is_not_reached() {
        let (host, ssh) = (host(), pool());
        let reach = Reach {
            secrets: Arc::new(SecretStore::default()),
            http: Arc::new(crate::transport::http::HttpPool::new()),
            ssh,
        };
        let (look, survey) = (probe(&host, Pace::Look), probe(&host, Pace::Survey));
        look.is_due();
        survey.is_due();
        let (one, two) = tokio::join!(look.ask(&reach), survey.ask(&reach));
        let cause = one.cause().expect("a cause").clone();
        assert_eq!(Some(&cause), two.cause());
        assert!(cause.sentence.contains("gpu-07"), "{}", cause.sentence);
    }
}
