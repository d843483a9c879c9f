//! A demo site that another process serves.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use crate::pty::{Home, SHOPFLOOR};

/// A served demo site in `site` of a home; it ends with this value.
pub struct Served(Child);

impl Served {
    pub fn start(home: &Home) -> Served {
        let mut child = Command::new(SHOPFLOOR)
            .args(["demo", "--serve"])
            .arg(home.path("site"))
            .env("HOME", home.dir.path())
            .env("TMPDIR", home.path("tmp"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the site starts");
        let mut ready = [0u8; 5];
        child.stdout.as_mut().expect("piped").read_exact(&mut ready).expect("ready");
        assert_eq!(&ready, b"ready");
        Served(child)
    }

    /// Puts a fault into the site, as a script would.
    pub fn inject(&self, home: &Home, fault: &str) {
        let output = Command::new(SHOPFLOOR)
            .args(["demo", "--inject", fault, "--site"])
            .arg(home.path("site"))
            .env("HOME", home.dir.path())
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
