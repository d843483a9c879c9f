//! The way of the IaaS Console to the fabric's API, tried from the bastion.

use super::section;
use crate::domain::keys::Word;
use crate::domain::keys::fabric::console as keys;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::lines;

pub(super) const KUBECONFIG: Section = section(
    "console-kubeconfig",
    include_str!("../../../assets/probes/fabric/console-kubeconfig.sh"),
    &[keys::KUBECONFIG.info, keys::SERVER.info],
    |answer, report| {
        let server = lines(answer.stdout)
            .find_map(|line| line.strip_prefix("server: ").map(|server| server.trim().to_owned()));
        if let Some(server) = server {
            report.learn(keys::SERVER, server);
        }
        // That it is turned away is the answer; that nothing could be asked is none.
        answer.ran()?;
        let is_ok = answer.status == 0 && lines(answer.stdout).any(|line| line == "ok");
        if !is_ok && answer.stderr.is_empty() {
            return Err(Trouble::Format("the readiness of an API"));
        }
        report.learn(keys::KUBECONFIG, Word(if is_ok { "ok" } else { "no" }.to_owned()));
        Ok(())
    },
);
