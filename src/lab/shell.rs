//! The shell of the demo site's machines: a prompt, a line to type, the few
//! commands the machines answer. Nothing of it runs anything here.

use super::commands::Reply;

/// The longest line that is taken, in bytes.
const LONGEST: usize = 1024;

/// What the far end of a terminal is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A login shell.
    Shell,
    /// The console of a virtual machine through virsh, before somebody logs in.
    Console {
        /// The user that was typed, once it was.
        user: Option<String>,
    },
}

/// A terminal that somebody opened on a machine.
#[derive(Debug, Clone)]
pub struct Shell {
    kind: Kind,
    is_console: bool,
    user: String,
    host: String,
    line: String,
    /// Bytes of a character that is not whole, or of an escape sequence.
    escape: usize,
    size: (u32, u32),
}

/// What a terminal answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What it prints.
    pub output: Vec<u8>,
    /// The status it ended with, once it did.
    pub ended: Option<u32>,
}

impl Shell {
    /// A login shell, and what it prints first.
    pub fn login(user: &str, host: &str, size: (u32, u32)) -> (Shell, Vec<u8>) {
        let shell = Shell::new(Kind::Shell, user, host, size);
        let text = format!(
            "A machine of the demo site; `help` lists what it can do.\r\n{}",
            shell.prompt()
        );
        (shell, text.into_bytes())
    }

    /// The console of a virtual machine, and what is printed before the machine speaks.
    pub fn console(host: &str, size: (u32, u32)) -> (Shell, Vec<u8>) {
        let mut shell = Shell::new(Kind::Console { user: None }, "core", host, size);
        shell.is_console = true;
        let text = format!("shopfloor: the console of {host} on the router box\r\n");
        (shell, text.into_bytes())
    }

    fn new(kind: Kind, user: &str, host: &str, size: (u32, u32)) -> Shell {
        let (user, host) = (user.to_owned(), host.to_owned());
        Shell { kind, is_console: false, user, host, line: String::new(), escape: 0, size }
    }

    /// The terminal's new size in columns and rows.
    pub fn resize(&mut self, columns: u32, rows: u32) {
        self.size = (columns, rows);
    }

    fn prompt(&self) -> String {
        match &self.kind {
            Kind::Shell => format!("{}@{}:~$ ", self.user, self.host),
            Kind::Console { user: None } => format!("{} login: ", self.host),
            Kind::Console { user: Some(_) } => "Password: ".to_owned(),
        }
    }

    /// Takes keys; `run` does what a line says.
    pub fn take(&mut self, keys: &[u8], run: impl Fn(&str) -> Reply) -> Said {
        let mut said = Said::default();
        let echoes = |shell: &Shell| {
            shell.kind == (Kind::Console { user: None }) || shell.kind == Kind::Shell
        };
        for c in String::from_utf8_lossy(keys).chars() {
            if self.escape > 0 {
                // Cursor keys and their like: there is nothing to move in.
                self.escape = if c.is_ascii_alphabetic() || c == '~' { 0 } else { self.escape + 1 };
                continue;
            }
            match c {
                '\u{1b}' => self.escape = 1,
                '\r' | '\n' => {
                    said.output.extend(b"\r\n");
                    let line = std::mem::take(&mut self.line);
                    if let Some(status) = self.enter(line.trim(), &run, &mut said.output) {
                        said.ended = Some(status);
                        return said;
                    }
                    said.output.extend(self.prompt().into_bytes());
                }
                '\u{3}' => {
                    self.line.clear();
                    said.output.extend(format!("^C\r\n{}", self.prompt()).into_bytes());
                }
                '\u{4}' if self.line.is_empty() && self.kind == Kind::Shell => {
                    said.output.extend(b"logout\r\n");
                    if let Some(status) = self.leave(&mut said.output) {
                        said.ended = Some(status);
                        return said;
                    }
                }
                '\u{c}' => {
                    let text = format!("\u{1b}[H\u{1b}[2J{}{}", self.prompt(), self.line);
                    said.output.extend(text.into_bytes());
                }
                '\u{7f}' | '\u{8}' => {
                    let is_gone = self.line.pop().is_some();
                    if is_gone && echoes(self) {
                        said.output.extend(b"\x08 \x08");
                    }
                }
                c if !c.is_control() && self.line.len() < LONGEST => {
                    self.line.push(c);
                    if echoes(self) {
                        said.output.extend(c.to_string().into_bytes());
                    }
                }
                _ => {}
            }
        }
        said
    }

    fn enter(
        &mut self,
        line: &str,
        run: &impl Fn(&str) -> Reply,
        out: &mut Vec<u8>,
    ) -> Option<u32> {
        match &self.kind {
            Kind::Console { user: None } => {
                if !line.is_empty() {
                    self.kind = Kind::Console { user: Some(line.to_owned()) };
                }
                return None;
            }
            Kind::Console { user: Some(user) } => {
                // Any password does: there is nothing here to protect.
                self.user = user.chars().filter(|c| c.is_ascii_alphanumeric()).take(32).collect();
                self.kind = Kind::Shell;
                return None;
            }
            Kind::Shell => {}
        }
        match line {
            "" => {}
            "exit" | "logout" => return self.leave(out),
            "help" => out.extend(
                b"hostname, uname, uptime, whoami, date +%s, cat FILE, stty size, echo, clear, exit; \
                  virsh list on the router box\r\n",
            ),
            "clear" => out.extend(b"\x1b[H\x1b[2J"),
            "whoami" => out.extend(format!("{}\r\n", self.user).into_bytes()),
            "stty size" => out.extend(format!("{} {}\r\n", self.size.1, self.size.0).into_bytes()),
            line => {
                let Reply { output, error, .. } = run(line);
                for text in [output, error] {
                    let text = String::from_utf8_lossy(&text).replace('\n', "\r\n");
                    out.extend(text.into_bytes());
                }
            }
        }
        None
    }

    /// A login shell ends; on a console the machine asks for the next login.
    fn leave(&mut self, out: &mut Vec<u8>) -> Option<u32> {
        if !self.is_console {
            return Some(0);
        }
        self.kind = Kind::Console { user: None };
        out.extend(b"\r\n");
        None
    }
}

/// The virtual machine of a command that opens one's console.
pub fn console_of(command: &str) -> Option<&str> {
    // The name is a word in quotes of a script that is a word in quotes itself.
    let rest = command.strip_prefix("exec sh -c 'name='\\''")?;
    let (name, script) = rest.split_once("'\\''")?;
    (!name.is_empty() && script.contains("virsh")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Reply {
        Reply { output: format!("ran {line}\n").into_bytes(), error: Vec::new(), status: 0 }
    }

    fn text(said: &Said) -> String {
        String::from_utf8_lossy(&said.output).into_owned()
    }

    #[test]
    fn a_line_is_echoed_corrected_run_and_the_shell_left() {
        let (mut shell, first) = Shell::login("ops", "cn-01", (80, 24));
        assert!(first.ends_with(b"ops@cn-01:~$ "));
        let said = shell.take(b"hostnane\x7f\x7fme\x1b[A\r", run);
        assert_eq!(text(&said), "hostnane\x08 \x08\x08 \x08me\r\nran hostname\r\nops@cn-01:~$ ");
        shell.resize(120, 40);
        assert!(text(&shell.take(b"stty size\r", run)).contains("40 120"));
        assert_eq!(shell.take(b"exit\r", run).ended, Some(0));
    }

    #[test]
    fn a_virtual_machines_console_asks_who_it_is_and_hides_the_password() {
        let command = "exec sh -c 'name='\\''hh'\\''\nsudo=yes\nforce=no\nvirsh console\n'";
        assert_eq!(console_of(command), Some("hh"));
        assert_eq!(console_of("virsh list"), None);
        let (mut shell, first) = Shell::console("hh", (80, 24));
        assert!(String::from_utf8_lossy(&first).contains("the console of hh"));
        assert!(text(&shell.take(b"\r", run)).ends_with("hh login: "));
        assert!(text(&shell.take(b"core\r", run)).ends_with("Password: "));
        let said = shell.take(b"secret\r", run);
        assert!(!text(&said).contains("secret") && text(&said).ends_with("core@hh:~$ "));
        assert_eq!(shell.take(b"\x1d", run).ended, None, "nobody leaves by accident");
    }
}
