//! The probe `bmc.ipmi`: what a management controller tells over IPMI 2.0.
//!
//! `ipmitool` is run as an operator would run it. All commands of a look run in
//! one session (`exec`, the commands on standard input): a new session costs a
//! weak controller more than the answers. The account needs no more than the
//! privilege USER.
//!
//! The password goes through the environment of the child, which on Linux only
//! the same account and root can read, that is exactly those who can read our
//! memory; it is never in the argument vector, which everybody can, nor in a file.

pub mod parse;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::domain::endpoint::BmcEndpoint;
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::power::{IPMI, ipmi as key};
use crate::domain::untrusted::printable;
use crate::domain::{
    Answer, Cause, CauseWord, KeyName, Layer, ProbeId, ProbeName, Report, Sensor, SensorPlace,
    Supply, Target,
};
use crate::probes::{AskFuture, Probe, ProbeSpec, Reach};
use crate::transport::local::{self, Program};
use crate::transport::rmcp;

/// What is fixed about this probe. Controllers need seconds for their sensors:
/// every two minutes, every half minute while somebody watches.
pub const SPEC: ProbeSpec = ProbeSpec {
    info: &IPMI,
    layer: Layer::Power,
    title: "power, temperatures, fans, supplies and event log over IPMI",
    every_in_view: Duration::from_secs(30),
    timeout: Duration::from_secs(50),
};

/// One look. `raw` is DCMI Get Power Reading: inside `exec`, ipmitool 1.8.19
/// misreads the words `dcmi power reading`. 0x08 is the sensor type of power supplies.
/// The last command shows that the session lasted until then.
const COMMANDS: &str = "chassis status\nraw 0x2c 0x02 0xdc 0x01 0x00 0x00\nmc info\nsensor\n\
                        sdr type 0x08\nsel info\nsel elist last 50\nuser list 1\nchassis power status\n";

/// How long a controller may take over one datagram.
const KNOCK: Duration = Duration::from_secs(2);
/// How long the whole session may take: a full set of sensors needs up to 20 s on old controllers.
const SESSION: Duration = Duration::from_secs(40);
/// Output of a controller with thousands of sensors.
const LARGEST: usize = 1 << 20;
/// The longest password that IPMI 2.0 knows (13.29).
const LONGEST_PASSWORD: usize = 20;

/// IPMI of one management controller.
pub struct IpmiProbe {
    id: ProbeId,
    name: String,
    endpoint: BmcEndpoint,
    program: String,
    /// The cipher suite that worked last.
    suite: Mutex<Option<u8>>,
}

/// How one try with one cipher suite ended.
enum Try {
    /// A session came about and printed this.
    Said(String),
    /// The controller does not offer this suite.
    OtherSuite,
}

impl IpmiProbe {
    /// For a controller and, where it is known, the machine that it manages.
    pub fn new(target: &Target, machine: Option<&Target>, endpoint: &BmcEndpoint) -> IpmiProbe {
        let person = machine.map_or(&target.name, |machine| &machine.name);
        IpmiProbe {
            id: ProbeId { target: target.id.clone(), probe: ProbeName::fixed(SPEC.info.name) },
            name: format!("the BMC of {person}"),
            endpoint: endpoint.clone(),
            program: "ipmitool".to_owned(),
            suite: Mutex::new(None),
        }
    }

    /// The same probe with another program in the place of `ipmitool`.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<String>) -> IpmiProbe {
        self.program = program.into();
        self
    }

    async fn look(&self, reach: &Reach) -> Result<Report, Cause> {
        if !self.endpoint.offers_ipmi() {
            // The site says so: there is nothing to ask and nothing to learn.
            return Ok(Report::default());
        }
        let (host, port) = &self.endpoint.ipmi;
        rmcp::knock(&self.name, (host, *port), KNOCK).await?;
        let password = reach.secrets.need(&self.endpoint.password, &self.name)?;
        if password.expose_secret().len() > LONGEST_PASSWORD {
            return Err(self.auth_refused(
                "its password is longer than the 20 bytes that IPMI takes",
                "Give the account a password of at most 20 bytes",
            ));
        }
        let remembered = *self.suite.lock().unwrap_or_else(PoisonError::into_inner);
        let suites = match remembered {
            Some(suite) => vec![suite],
            None => self.endpoint.cipher_suites.clone(),
        };
        for suite in suites {
            match self.session(suite, password.expose_secret()).await? {
                Try::Said(text) => {
                    *self.suite.lock().unwrap_or_else(PoisonError::into_inner) = Some(suite);
                    return Ok(self.whole(report(&text), &text));
                }
                // Firmware that was changed may offer others: the next look tries all again.
                Try::OtherSuite => {
                    *self.suite.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
            }
        }
        let tried: Vec<String> =
            self.endpoint.cipher_suites.iter().map(ToString::to_string).collect();
        Err(Cause::new(
            CauseWord::System("ipmi-cipher".to_owned()),
            format!("{} offers none of the IPMI cipher suites {}", self.name, tried.join(", ")),
            "Allow cipher suite 17 or 3 in the controller, or name the one it offers",
        ))
    }

    /// The report, without what may be cut short when the session did not last:
    /// of a list of which the rest is missing nothing can be told.
    fn whole(&self, mut report: Report, said: &str) -> Report {
        if parse::ended(said) {
            return report;
        }
        let cause = Cause::new(
            CauseWord::Cut,
            format!("{} answered over IPMI, and then the session broke off", self.name),
            "Look again; if it stays so, reset the controller alone: ipmitool mc reset cold",
        );
        const SURE: [&str; 3] =
            [key::POWER_STATE.info.name, key::FAULTS.info.name, key::FIRMWARE.info.name];
        report.facts.retain(|fact| SURE.contains(&fact.key.as_str()));
        report.lost.clear();
        for info in key::ALL {
            if !report.facts.iter().any(|fact| fact.key.as_str() == info.name) {
                report.lost.push((KeyName::fixed(info.name), cause.clone()));
            }
        }
        report
    }

    async fn session(&self, suite: u8, password: &str) -> Result<Try, Cause> {
        let (host, port) = &self.endpoint.ipmi;
        let (suite, port) = (suite.to_string(), port.to_string());
        let user = &self.endpoint.user;
        let argv = [
            &self.program,
            "-I",
            "lanplus",
            "-H",
            host,
            "-p",
            &port,
            "-U",
            user,
            "-E",
            "-L",
            "USER",
            "-C",
            &suite,
            "-N",
            "1",
            "-R",
            "1",
            "exec",
            "/dev/stdin",
        ];
        let mut program = Program::new(argv);
        program.stdin = COMMANDS.as_bytes().to_vec();
        program.env = vec![
            ("IPMI_PASSWORD".to_owned(), password.to_owned()),
            // The times of the event log in UTC.
            ("TZ".to_owned(), "UTC".to_owned()),
        ];
        program.timeout = SESSION;
        program.max_output = LARGEST;
        let output = local::run(&program).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        if parse::power_state(&said).is_some() {
            // Single commands that a controller does not know make the exit status 1.
            return Ok(Try::Said(said));
        }
        self.refusal(&complaints)
    }

    /// What the complaints of `ipmitool` mean, when nothing came. The controller
    /// has just answered the knock, so it is there.
    fn refusal(&self, complaints: &str) -> Result<Try, Cause> {
        let low = complaints.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
        if has(&[
            "no matching cipher",
            "invalid authentication algorithm",
            "invalid integrity",
            "invalid confidentiality",
            "no cipher suite match",
        ]) {
            return Ok(Try::OtherSuite);
        }
        let cause = if has(&["insufficient privilege", "privilege level"]) {
            self.auth_refused(
                "it may not log in with privilege USER",
                "Give the account the privilege USER for the LAN channel",
            )
        } else if has(&["unable to establish"]) {
            self.auth_refused(
                "user or password is wrong, or the account may not use IPMI over LAN",
                "Check user and password of this controller in the inventory; several wrong tries \
                 may lock the account",
            )
        } else {
            Cause::new(
                CauseWord::Garbled,
                format!("{} answers IPMI, but ipmitool cannot make sense of it", self.name),
                "Run ipmitool by hand against this controller",
            )
        };
        let lines = complaints.lines().map(printable).filter(|line| !line.is_empty());
        Err(lines.take(5).fold(cause, Cause::with_detail))
    }

    fn auth_refused(&self, why: &str, next: &str) -> Cause {
        Cause::new(
            CauseWord::AuthRefused,
            format!("{} refuses user {}: {why}", self.name, printable(&self.endpoint.user)),
            next,
        )
    }
}

impl Probe for IpmiProbe {
    fn id(&self) -> &ProbeId {
        &self.id
    }

    fn spec(&self) -> &'static ProbeSpec {
        &SPEC
    }

    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a> {
        Box::pin(async move { Answer::of(self.look(reach).await) })
    }
}

/// The facts in what `ipmitool` printed. What the controller does not offer is absent.
pub fn report(text: &str) -> Report {
    let mut report = Report::default();
    if let Some(power) = parse::power_state(text) {
        report.learn(key::POWER_STATE, Word(power.to_owned()));
    }
    if let Some(faults) = parse::faults(text) {
        report.learn(key::FAULTS, faults);
    }
    if let Some(firmware) = parse::firmware(text) {
        report.learn(key::FIRMWARE, firmware);
    }
    let sensors = parse::sensors(text);
    let inlet = sensors.temperatures.iter().filter(|one| one.place == SensorPlace::Inlet);
    // The warmest of several: the one that a limit meets first.
    if let Some(inlet) = inlet.filter_map(|one| one.reading).reduce(f64::max) {
        report.learn(key::INLET, inlet);
    }
    let supplies = parse::supplies(text, &sensors.powers);
    for (key, table) in [
        (key::TEMPERATURES, Sensor::table(&sensors.temperatures)),
        (key::FANS, Sensor::table(&sensors.fans)),
        (key::VOLTAGES, Sensor::table(&sensors.voltages)),
        (key::SUPPLIES, Supply::table(&supplies)),
    ] {
        if let Some(table) = table {
            report.learn(key, table);
        }
    }
    if let Some(watts) = parse::dcmi_watts(text).or_else(|| parse::input_watts(&sensors.powers)) {
        report.learn(key::WATTS, watts);
    }
    let log = parse::log(text);
    if let Some(entries) = log.entries {
        report.learn(key::EVENTS, entries);
        // A full log of which not one line came was not read: that none is critical is not known.
        if entries > 0.0 && parse::log_lines(text) == 0 {
            report.lose(
                key::EVENTS_CRITICAL,
                Cause::new(
                    CauseWord::Garbled,
                    "ipmitool counts events and lists none of them",
                    "Run ipmitool sel elist by hand against this controller",
                ),
            );
        } else {
            let mut table = Table::new(&["when", "what"]);
            parse::log_critical(text).into_iter().for_each(|entry| table.push(entry.into()));
            report.learn(key::EVENTS_CRITICAL, table);
        }
    }
    if let Some(users) = parse::users(text) {
        let mut table = Table::new(&["id", "name", "privilege"]);
        users.into_iter().for_each(|user| table.push(user.into()));
        report.learn(key::USERS, table);
    }
    if let Some(used) = log.used {
        report.learn(key::EVENTS_USED, used);
    }
    if let Some(lost) = log.lost {
        report.learn(key::EVENTS_LOST, Word(if lost { "yes" } else { "no" }.to_owned()));
    }
    report
}

#[cfg(test)]
mod tests;
