//! Doing what the model wants done. Everything that can wait is a task that
//! answers with a message; what only the terminal's owner can do is a [`Wish`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::app::consoles::ConsoleOrder;
use crate::app::history::{HistoryNews, HistoryOrder};
use crate::app::inventory_report::InventoryReport;
use crate::app::logs::{LogNews, LogOrder};
use crate::app::msg::Outcome;
use crate::app::{Effect, Model, Msg};
use crate::domain::faults::FaultLab;
use crate::domain::untrusted::printable;
use crate::domain::{SecretName, Site, TargetId};
use crate::logs::source::Source;
use crate::probes::Reach;

use super::asker::Asker;
use super::clock;
use super::history::History;
use super::inventory_rules::problems_of;
use super::load::{LoadOptions, Loaded, load_site, prove_typed_password};
use super::log_marks::MarkBook;
use super::logs::LogDesk;
use super::plan_desk::PlanDesk;
use super::recorder::Recorder;
use super::run_store;
use super::runs::RunDesk;
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
    /// Do something with a console.
    Console(ConsoleOrder),
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
    history: Option<History>,
    logs: Option<LogDesk>,
    runs: Option<RunDesk>,
    plans: Option<PlanDesk>,
}

impl Executor {
    /// An executor that answers on `to`, and with read sites on `to_loaded`,
    /// and keeps what is seen in `history`.
    pub fn new(
        load: LoadOptions,
        faults: Option<Arc<dyn FaultLab>>,
        state: Option<StateDir>,
        to: mpsc::Sender<Msg>,
        to_loaded: mpsc::Sender<Result<Box<Loaded>, String>>,
        history: Option<History>,
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
            history,
            logs: None,
            runs: None,
            plans: None,
        }
    }

    /// Tells how the site's runs stand from now on, and does what is wanted of them.
    pub fn follow_runs(&mut self) {
        self.runs = Some(RunDesk::start(self.load.directory.clone(), self.to.clone()));
    }

    /// Tells which plans there are, and does what is wanted of them.
    pub fn read_plans(&mut self) {
        self.plans = Some(PlanDesk::start(self.load.directory.clone(), self.to.clone()));
    }

    /// Where what is seen is kept, if it is.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// Gives it away, when the screen is left.
    pub fn take_history(&mut self) -> Option<History> {
        self.history.take()
    }

    /// Waits a moment for marks of logs that are not written yet, when the screen is left.
    pub fn keep_marks(&self) {
        if let Some(desk) = &self.logs {
            desk.keep_marks(Duration::from_secs(10));
        }
    }

    /// Where answers go.
    pub fn sender(&self) -> mpsc::Sender<Msg> {
        self.to.clone()
    }

    /// Reads the site in the background.
    pub fn load(&self) {
        tokio::spawn(self.reading().run());
    }

    fn reading(&self) -> Reading {
        Reading {
            options: self.load.clone(),
            to: self.to.clone(),
            to_loaded: self.to_loaded.clone(),
        }
    }

    /// The ways to the targets of the site that was just read.
    pub fn set_reach(&mut self, reach: Arc<Reach>, site: &Site) {
        self.reach = Some(reach);
        self.site = Some(site.clone());
    }

    /// Keeps a secret that was typed. A vault password is tried first on what
    /// the inventory seals: one that opens nothing is not kept.
    pub fn keep_secret(&self, name: SecretName, secret: SecretString) {
        if !name.is_vault() {
            self.load.secrets.put(name, secret);
            return;
        }
        let directory = self.load.directory.clone();
        let secrets = Arc::clone(&self.load.secrets);
        let (to, again) = (self.to.clone(), self.reading());
        tokio::spawn(async move {
            let tried = secret.clone();
            let proving =
                tokio::task::spawn_blocking(move || prove_typed_password(&directory, &tried));
            let refused = match proving.await {
                Ok(proof) => proof.err(),
                Err(error) => Some(format!("shopfloor failed while trying it: {error}")),
            };
            if let Some(sentence) = refused {
                let _ = to.send(Msg::SecretRefused(name, sentence)).await;
                return;
            }
            let told = format!("{name} is kept for this session");
            secrets.put(name, secret);
            let _ = to.send(Msg::Done(Outcome::Done(told))).await;
            again.run().await;
        });
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
            Effect::ReloadSite => {
                self.load();
                if let Some(plans) = &self.plans {
                    plans.read();
                }
            }
            Effect::Plan(order) => {
                if let Some(plans) = &self.plans {
                    plans.order(order);
                }
            }
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
            Effect::Console(order) => self.wishes.push_back(Wish::Console(order)),
            Effect::Repaint => self.wishes.push_back(Wish::Repaint),
            Effect::Mouse(ours) => self.wishes.push_back(Wish::Mouse(ours)),
            Effect::Ring => self.wishes.push_back(Wish::Ring),
            Effect::Suspend => self.wishes.push_back(Wish::Suspend),
            Effect::Run(order) => {
                if let Some(runs) = &self.runs {
                    runs.order(order);
                }
            }
            Effect::History(order) => self.history_order(order),
            Effect::Quit => self.wishes.push_back(Wish::Leave),
        }
    }

    fn history_order(&self, order: HistoryOrder) {
        match (order, &self.history) {
            (HistoryOrder::Keep(turns), Some(history)) => history.turned(turns),
            (HistoryOrder::Since(question), Some(history)) => history.ask(question),
            (HistoryOrder::Keep(_), None) => {}
            (HistoryOrder::Since(question), None) => {
                let sentence = "nothing is kept: there is no state directory".to_owned();
                self.tell(Msg::History(HistoryNews::Since(question, Err(sentence))));
            }
        }
    }

    /// Hands an order to the log view's thread, which starts with the first.
    fn order_log(&mut self, order: LogOrder) {
        if self.logs.is_none() {
            let runs = run_store::find(&self.load.directory).map(|runs| runs.state().join("runs"));
            match LogDesk::start(runs, MarkBook::of_user(), self.to.clone()) {
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

/// Reading a site for the screen.
struct Reading {
    options: LoadOptions,
    to: mpsc::Sender<Msg>,
    to_loaded: mpsc::Sender<Result<Box<Loaded>, String>>,
}

impl Reading {
    /// Reads the site, then applies the rules of `inventory check` to it: the
    /// screen does not wait for those. When a send fails the loop is gone;
    /// nobody is left to tell.
    async fn run(self) {
        let options = self.options.clone();
        let read = tokio::task::spawn_blocking(move || read_for_the_screen(&options)).await;
        let (mut loaded, trouble) = match read {
            Ok(Ok(read)) => read,
            Ok(Err(sentence)) => {
                let _ = self.to_loaded.send(Err(sentence)).await;
                return;
            }
            Err(error) => {
                let sentence = format!("shopfloor failed while reading the site: {error}");
                let _ = self.to_loaded.send(Err(sentence)).await;
                return;
            }
        };
        let opened = loaded.opened.take();
        let _ = self.to_loaded.send(Ok(Box::new(loaded))).await;
        if let Some(sentence) = trouble {
            let _ = self.to.send(Msg::Done(Outcome::Failed(sentence))).await;
        }
        let Some(opened) = opened else { return };
        let directory = self.options.directory.clone();
        let judging = move || problems_of(&directory, &opened, None).unwrap_or_default();
        if let Ok(problems) = tokio::task::spawn_blocking(judging).await {
            let report = Box::new(InventoryReport::of(problems));
            let _ = self.to.send(Msg::InventoryJudged(report)).await;
        }
    }
}

/// Reads the site. A vault password file that cannot be used is no reason to
/// show nothing: then the site is read without it, and the sentence says why.
fn read_for_the_screen(options: &LoadOptions) -> Result<(Loaded, Option<String>), String> {
    match load_site(options) {
        Err(sentence) if options.vault_password_file.is_some() => {
            let without = LoadOptions { vault_password_file: None, ..options.clone() };
            let mut loaded = load_site(&without)?;
            loaded.site.problems.insert(0, printable(&sentence));
            Ok((loaded, Some(sentence)))
        }
        result => result.map(|loaded| (loaded, None)),
    }
}
