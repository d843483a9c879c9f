//! Doing what the model wants done. Everything that can wait is a task that
//! answers with a message; what only the terminal's owner can do is a [`Wish`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::app::logs::{LogNews, LogOrder};
use crate::app::msg::Outcome;
use crate::app::{Effect, Model, Msg};
use crate::domain::faults::FaultLab;
use crate::domain::{SecretName, Site, TargetId};
use crate::logs::source::Source;
use crate::probes::Reach;

use super::asker::Asker;
use super::clock;
use super::load::{LoadOptions, Loaded, load_site};
use super::logs::LogDesk;
use super::recorder::Recorder;
use super::state_dir::StateDir;

/// How long an act on the demo site or on known_hosts may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What only the owner of the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Leave the full screen.
    Leave,
    /// Draw everything again.
    Repaint,
    /// Ring once.
    Ring,
    /// Take the mouse or give it back.
    Mouse(bool),
    /// Open the secret field.
    Prompt(SecretName),
    /// Stop until `fg`.
    Suspend,
    /// Copy text.
    Copy(String),
    /// Copy the screen as text.
    CopyScreen,
    /// Keep the look.
    SaveLook(String),
}

/// Does effects.
pub struct Executor {
    load: LoadOptions,
    faults: Option<Arc<dyn FaultLab>>,
    state: Option<StateDir>,
    to: mpsc::Sender<Msg>,
    to_loaded: mpsc::Sender<Result<Box<Loaded>, String>>,
    reach: Option<Arc<Reach>>,
    site: Option<Site>,
    wishes: VecDeque<Wish>,
    logs: Option<LogDesk>,
}

impl Executor {
    /// An executor that answers on `to`, and with read sites on `to_loaded`.
    pub fn new(
        load: LoadOptions,
        faults: Option<Arc<dyn FaultLab>>,
        state: Option<StateDir>,
        to: mpsc::Sender<Msg>,
        to_loaded: mpsc::Sender<Result<Box<Loaded>, String>>,
    ) -> Executor {
        Executor {
            load,
            faults,
            state,
            to,
            to_loaded,
            reach: None,
            site: None,
            wishes: VecDeque::new(),
            logs: None,
        }
    }

    /// Where answers go.
    pub fn sender(&self) -> mpsc::Sender<Msg> {
        self.to.clone()
    }

    /// Reads the site in the background.
    pub fn load(&self) {
        let (options, to) = (self.load.clone(), self.to_loaded.clone());
        tokio::spawn(async move {
            let result = tokio::task::spawn_blocking(move || load_site(&options)).await;
            let result = match result {
                Ok(result) => result.map(Box::new),
                Err(error) => Err(format!("shopfloor failed while reading the site: {error}")),
            };
            // The loop is gone when this fails; nobody is left to tell.
            let _ = to.send(result).await;
        });
    }

    /// The ways to the targets of the site that was just read.
    pub fn set_reach(&mut self, reach: Arc<Reach>, site: &Site) {
        self.reach = Some(reach);
        self.site = Some(site.clone());
    }

    /// Keeps a secret that was typed; a vault password opens the inventory's values.
    pub fn keep_secret(&self, name: SecretName, secret: SecretString) {
        let is_vault = name.as_str().starts_with("vault");
        self.load.secrets.put(name, secret);
        if is_vault {
            self.load();
        }
    }

    /// The next thing the terminal's owner should do.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wishes.pop_front()
    }

    /// Starts an effect.
    pub fn begin(
        &mut self,
        effect: Effect,
        asker: Option<&mut Asker>,
        recorder: Option<&Recorder<Model, Msg>>,
    ) {
        let now = clock::now();
        match effect {
            Effect::Ask(ids) => {
                if let Some(asker) = asker {
                    asker.hurry(&ids, now);
                }
            }
            Effect::InView(targets) => {
                if let Some(asker) = asker {
                    asker.set_in_view(targets, now);
                }
            }
            Effect::ReloadSite => self.load(),
            Effect::Log(order) => self.order_log(order),
            Effect::Copy(text) => self.wishes.push_back(Wish::Copy(text)),
            Effect::CopyScreen => self.wishes.push_back(Wish::CopyScreen),
            Effect::SaveText(word, text) => {
                let outcome = self.save_text(&word, &text);
                self.tell(Msg::Done(outcome));
            }
            Effect::SaveRecording => self.save_recording(recorder),
            Effect::AcceptHostKey(target, fingerprint) => self.accept_host_key(target, fingerprint),
            Effect::PromptSecret(name) => self.wishes.push_back(Wish::Prompt(name)),
            Effect::ListFaults => self.act_on_faults(None),
            Effect::Inject(name) => self.act_on_faults(Some((name, true))),
            Effect::Heal(name) => self.act_on_faults(Some((name, false))),
            Effect::SaveLook(words) => self.wishes.push_back(Wish::SaveLook(words)),
            Effect::Repaint => self.wishes.push_back(Wish::Repaint),
            Effect::Mouse(ours) => self.wishes.push_back(Wish::Mouse(ours)),
            Effect::Ring => self.wishes.push_back(Wish::Ring),
            Effect::Suspend => self.wishes.push_back(Wish::Suspend),
            Effect::Quit => self.wishes.push_back(Wish::Leave),
        }
    }

    /// Hands an order to the log view's thread, which starts with the first.
    fn order_log(&mut self, order: LogOrder) {
        if self.logs.is_none() {
            let runs = self.state.as_ref().map(|state| state.path().join("runs"));
            match LogDesk::start(runs, self.to.clone()) {
                Ok(desk) => self.logs = Some(desk),
                Err(error) => {
                    let sentence =
                        format!("logs cannot be read: no thread can be started: {error}");
                    return self.tell(Msg::Log(LogNews::Failed(sentence)));
                }
            }
        }
        let Some(desk) = self.logs.clone() else { return };
        if let LogOrder::Journal(target) = order {
            return self.follow_journal(target, desk);
        }
        desk.order(order);
    }

    fn follow_journal(&self, target: TargetId, desk: LogDesk) {
        let endpoint =
            self.site.as_ref().and_then(|site| site.target(&target)).and_then(|t| t.ssh.clone());
        let (Some(reach), Some(endpoint)) = (self.reach.clone(), endpoint) else {
            let sentence = format!("{target} is not reached over SSH");
            return self.tell(Msg::Log(LogNews::Failed(sentence)));
        };
        tokio::spawn(super::host_journal::follow(reach, endpoint, desk, self.to.clone()));
    }

    /// Adds a source that was opened before there was a screen.
    pub fn add_log(&mut self, source: Source) {
        self.order_log(LogOrder::Open(Vec::new()));
        if let Some(desk) = &self.logs {
            desk.add(source);
        }
    }

    /// Writes text to a dated file in the state directory.
    pub fn save_text(&self, word: &str, text: &str) -> Outcome {
        let Some(state) = &self.state else {
            return Outcome::Failed("nothing was written: there is no state directory".into());
        };
        match state.write(&StateDir::dated_name(word, clock::now(), "txt"), text.as_bytes()) {
            Ok(path) => Outcome::Done(format!("written to {}", path.display())),
            Err(error) => Outcome::Failed(state.explain(&error)),
        }
    }

    fn save_recording(&self, recorder: Option<&Recorder<Model, Msg>>) {
        let (Some(state), Some(recorder)) = (self.state.clone(), recorder.cloned()) else {
            self.tell(Msg::Done(Outcome::Failed(
                "nothing was written: there is no state directory".into(),
            )));
            return;
        };
        let to = self.to.clone();
        tokio::task::spawn_blocking(move || {
            let path =
                state.path().join(StateDir::dated_name("recording", clock::now(), "jsonl.gz"));
            let outcome = match recorder.save(&path, PATIENCE) {
                Ok(()) => Outcome::Done(format!("recording written to {}", path.display())),
                Err(error) => Outcome::Failed(state.explain(&error)),
            };
            let _ = to.blocking_send(Msg::Done(outcome));
        });
    }

    fn accept_host_key(&self, target: TargetId, fingerprint: String) {
        let endpoint =
            self.site.as_ref().and_then(|site| site.target(&target)).and_then(|t| t.ssh.clone());
        let (Some(reach), Some(endpoint)) = (self.reach.clone(), endpoint) else {
            self.tell(Msg::Done(Outcome::Failed(format!("{target} is not reached over SSH"))));
            return;
        };
        let to = self.to.clone();
        tokio::spawn(async move {
            let accepting = reach.ssh.accept_key(&endpoint, &fingerprint);
            let outcome = match tokio::time::timeout(PATIENCE, accepting).await {
                Ok(Ok(path)) => {
                    Outcome::Done(format!("key of {target} recorded in {}", path.display()))
                }
                Ok(Err(cause)) => Outcome::Failed(format!("{}; {}", cause.sentence, cause.next)),
                Err(_) => Outcome::Failed(format!(
                    "{target} did not answer within 10 s; nothing was recorded"
                )),
            };
            let _ = to.send(Msg::Done(outcome)).await;
        });
    }

    fn act_on_faults(&self, act: Option<(String, bool)>) {
        let Some(lab) = self.faults.clone() else {
            self.tell(Msg::Faults(Err("only the demo site has faults to inject".into())));
            return;
        };
        let to = self.to.clone();
        tokio::spawn(async move {
            if let Some((name, is_injected)) = act {
                let acting =
                    if is_injected { lab.inject(name.clone()) } else { lab.heal(name.clone()) };
                let outcome = match tokio::time::timeout(PATIENCE, acting).await {
                    Ok(Ok(())) if is_injected => {
                        Outcome::Done(format!("{name} is in force on the demo site"))
                    }
                    Ok(Ok(())) => Outcome::Done(format!("{name} is healed on the demo site")),
                    Ok(Err(sentence)) => Outcome::Failed(sentence),
                    Err(_) => Outcome::Failed("the demo site did not answer within 10 s".into()),
                };
                let _ = to.send(Msg::Done(outcome)).await;
            }
            let listed = match tokio::time::timeout(PATIENCE, lab.list()).await {
                Ok(result) => result,
                Err(_) => Err("the demo site did not answer within 10 s".into()),
            };
            let _ = to.send(Msg::Faults(listed)).await;
        });
    }

    /// Sends a message from within the loop, which must not wait for itself.
    fn tell(&self, msg: Msg) {
        let to = self.to.clone();
        tokio::spawn(async move {
            let _ = to.send(msg).await;
        });
    }
}
