//! What the machines answer to a command: the batched look, and the few
//! plain commands that people try by hand.

use super::answers;
use super::answers::documented::Asked;
use super::look_script::LookScript;
use super::world::{Machine, World};

/// What a command left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Standard output.
    pub output: Vec<u8>,
    /// Standard error.
    pub error: Vec<u8>,
    /// Exit status.
    pub status: u32,
}

impl Reply {
    fn line(text: impl Into<String>) -> Reply {
        Reply { output: (text.into() + "\n").into_bytes(), error: Vec::new(), status: 0 }
    }

    fn failed(status: u32, text: &str) -> Reply {
        Reply { output: Vec::new(), error: format!("{text}\n").into_bytes(), status }
    }
}

/// Whether a command reads a script from its standard input.
pub fn reads_script(command: &str) -> bool {
    matches!(command, "sh" | "sh -s" | "exec sh -s" | "/bin/sh -s" | "exec /bin/sh -s" | "sh -")
}

/// Runs a command on a machine.
pub fn run(world: &World, name: &str, now: f64, command: &str, input: &str) -> Reply {
    let Some(machine) = world.machine(name) else {
        return Reply::failed(255, "this machine is not part of the demo site any more");
    };
    let site = answers::Scene { world, machine, now };
    if reads_script(command) {
        let parts = LookScript::read(input);
        if parts.is_empty() {
            return lines(&site, input);
        }
        let answer = |part: &LookScript<'_>| {
            let asks = part.parameter("ASKS");
            part.answer(|section| {
                let told = if asks.is_empty() {
                    answers::section(&site, section, &|name| part.parameter(name))
                } else {
                    let given = |name: &str| part.parameter(name);
                    let asked = Asked { asks, section, given: &given };
                    answers::documented::section(&site, &asked, part.body(section))
                };
                told.unwrap_or((String::new(), 127))
            })
        };
        let output: String = parts.iter().map(answer).collect();
        return Reply { output: output.into_bytes(), error: Vec::new(), status: 0 };
    }
    // As a shell does with one command after another.
    lines(&site, &command.replace("; journalctl ", "\njournalctl "))
}

/// A script by hand: plain commands, line by line, with the status of the last.
fn lines(site: &answers::Scene<'_>, script: &str) -> Reply {
    let mut all = Reply { output: Vec::new(), error: Vec::new(), status: 0 };
    let said = script.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in said.filter(|line| !line.starts_with('#')) {
        let reply = plain(site, line);
        all.output.extend(reply.output);
        all.error.extend(reply.error);
        all.status = reply.status;
    }
    all
}

fn plain(site: &answers::Scene<'_>, command: &str) -> Reply {
    let machine: &Machine = site.machine;
    let mut words = command.split_whitespace();
    let first = words.next().unwrap_or("true");
    let rest: Vec<&str> = words.collect();
    match (first, rest.as_slice()) {
        ("true" | ":" | "exit", _) => Reply { output: Vec::new(), error: Vec::new(), status: 0 },
        ("false", _) => Reply { output: Vec::new(), error: Vec::new(), status: 1 },
        ("hostname", _) => Reply::line(&machine.hostname),
        ("uname", ["-r"]) => Reply::line(&machine.kernel),
        ("uname", ["-n"]) => Reply::line(&machine.hostname),
        ("uname", []) => Reply::line("Linux"),
        ("uname", _) => Reply::line(format!(
            "Linux {} {} #29~24.04.1-Ubuntu SMP x86_64 GNU/Linux",
            machine.hostname, machine.kernel
        )),
        ("echo", words) => Reply::line(words.join(" ").replace(['"', '\''], "")),
        ("uptime", []) => {
            let up = (site.own_time() - machine.booted as f64).max(0.0);
            let (days, hours, minutes) = (up / 86_400.0, up / 3_600.0 % 24.0, up / 60.0 % 60.0);
            Reply::line(format!("up {days:.0} days, {hours:02.0}:{minutes:02.0}"))
        }
        ("journalctl", options) => journal(site, options),
        ("virsh", ["list", ..]) if !machine.domains.is_empty() => {
            let mut text = " Id   Name                           State\n".to_owned();
            text.push_str(&"-".repeat(48));
            for (at, domain) in machine.domains.iter().enumerate() {
                text.push_str(&format!("\n {:<4} {:<30} {}", at + 1, domain.name, domain.state));
            }
            Reply::line(text)
        }
        ("date", ["+%s"]) => Reply::line(format!("{:.0}", site.own_time().floor())),
        ("cat", [path]) => match answers::file(site, path) {
            Some(text) => Reply { output: text.into_bytes(), error: Vec::new(), status: 0 },
            None => Reply::failed(1, &format!("cat: {path}: No such file or directory")),
        },
        (word, _) => {
            if let Some((text, status)) = answers::documented::line(site, command) {
                return Reply { output: text.into_bytes(), error: Vec::new(), status };
            }
            // Only what a shell would repeat, so that no control characters go back.
            let word: String = word.chars().filter(|c| !c.is_control()).take(80).collect();
            Reply::failed(127, &format!("sh: 1: {word}: not found"))
        }
    }
}

/// The journal of a machine: its boot, its login server, what failed since. All
/// of it is told at once; since then there is nothing more.
fn journal(site: &answers::Scene<'_>, options: &[&str]) -> Reply {
    let machine = site.machine;
    let mut text = String::new();
    if !options.iter().any(|option| option.contains("--since")) {
        let kernel = format!("kernel: Linux version {} (buildd@lcy02) #29", machine.kernel);
        let mut entries = vec![
            (0, kernel),
            (0, format!("kernel: smp: Brought up 1 node, {} CPUs", machine.processors)),
            (4, "systemd[1]: Reached target network-online.target - Network is Online.".to_owned()),
            (5, "sshd[911]: Server listening on 0.0.0.0 port 22.".to_owned()),
        ];
        for domain in &machine.domains {
            let line = format!("virtqemud[1203]: domain {} is {}", domain.name, domain.state);
            entries.push((9, line));
        }
        if machine.root_read_only {
            entries.push((60, "kernel: EXT4-fs (md0): Remounting filesystem read-only".to_owned()));
        }
        for unit in &machine.failed_units {
            let line = format!("systemd[1]: {unit}: Failed with result 'exit-code'.");
            entries.push((61, line));
        }
        for (after, line) in entries {
            let Ok(at) = jiff::Timestamp::from_second(machine.booted + after) else { continue };
            let at = at.strftime("%Y-%m-%dT%H:%M:%S.000000+0000");
            text.push_str(&format!("{at} {} {line}\n", machine.hostname));
        }
    }
    Reply { output: text.into_bytes(), error: Vec::new(), status: 0 }
}

/// What a host says whose answers cannot be understood: bytes of another
/// kind, with escape sequences that must never reach a screen.
pub fn nonsense() -> Reply {
    let mut output = b"@@ \x1b[2J\x1b]0;owned\x07<html><body>502 Bad Gateway\r\n".to_vec();
    output.extend((0..2_048u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8));
    Reply { output, error: Vec::new(), status: 0 }
}
