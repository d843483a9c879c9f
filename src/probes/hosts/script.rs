//! Puts together the script that one host is asked.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::sections::{Pace, sections_for};
use crate::domain::{Role, Site, Target, wanted};

/// The whole script with every section.
const WHOLE: &str = include_str!("../../../assets/probes/host.sh");

/// What differs from host to host in the script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Whether sudo may be used.
    pub sudo: bool,
    /// Names to resolve.
    pub names: Vec<String>,
    /// The fabric gateway to ping.
    pub gateway: Option<String>,
    /// The router box's remote management.
    pub amt: Option<String>,
    /// PCI address of the NIC for switch management.
    pub nic: Option<String>,
}

impl Parameters {
    /// The parameters for a host of the site.
    pub fn of(site: &Site, target: &Target) -> Parameters {
        let site_word = |name: &str| site.wanted.get(name).cloned();
        let mut names = Vec::new();
        if target.is(Role::Bastion) {
            names.push(wanted::OUTSIDE_NAME.to_owned());
            names.extend(site_word(wanted::CONSOLE_NAME));
            let control = site.targets.iter().find(|other| other.is(Role::Control));
            names.extend(control.map(|control| control.name.clone()));
        }
        Parameters {
            sudo: target.ssh.as_ref().is_some_and(|ssh| ssh.sudo),
            names,
            gateway: site_word(wanted::FABRIC_GATEWAY),
            amt: site_word(wanted::AMT_ADDRESS),
            nic: target
                .wanted
                .get(wanted::MANAGEMENT_NIC)
                .or_else(|| site.wanted.get(wanted::MANAGEMENT_NIC))
                .and_then(|name| pci_address(name)),
        }
    }

    /// The value of a parameter of the script; what is not plain is left out.
    fn value(&self, name: &str, nonce: &str) -> Option<String> {
        let given: Vec<&str> = match name {
            "N" => vec![nonce],
            "SUDO" => vec![if self.sudo { "yes" } else { "no" }],
            "NAMES" => self.names.iter().map(String::as_str).collect(),
            "GATEWAY" => self.gateway.as_deref().into_iter().collect(),
            "AMT" => self.amt.as_deref().into_iter().collect(),
            "NIC" => self.nic.as_deref().into_iter().collect(),
            _ => return None,
        };
        let safe: Vec<&str> = given.into_iter().filter(|word| is_plain(word)).collect();
        Some(safe.join(" "))
    }

    /// Whether a section can be asked with these parameters.
    fn suffice_for(&self, section: &str) -> bool {
        match section {
            "names" => !self.names.is_empty(),
            "gateway" => self.gateway.is_some(),
            "amt" => self.amt.is_some(),
            "nic" => self.nic.is_some(),
            _ => true,
        }
    }
}

/// Whether a word means nothing to a shell and cannot pass for an option. The
/// inventory may hold anything; nothing of it may become shell text.
fn is_plain(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
}

/// `pci_0000_58_00_0`, as libvirt and the inventory name a device, as `lspci` names it.
fn pci_address(name: &str) -> Option<String> {
    let mut parts = name.strip_prefix("pci_")?.split('_');
    let (domain, bus, slot, function) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{domain}:{bus}:{slot}.{function}"))
}

/// The functions of the script, for others that frame their answers alike.
pub(crate) fn functions() -> &'static str {
    let head = WHOLE.split("\n#: ").next().unwrap_or_default();
    let body = head.split_once("\n# Frames").map_or("", |(_, body)| body);
    // What remains of the line is a remark.
    body.split_once('\n').map_or("", |(_, functions)| functions)
}

/// Names of the sections a host is asked at one pace, in order.
pub fn asked(target: &Target, parameters: &Parameters, pace: Pace) -> Vec<&'static str> {
    sections_for(target, pace)
        .map(|section| section.name)
        .filter(|name| parameters.suffice_for(name))
        .collect()
}

/// What one probe asks in a script that may hold several.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The sections, by name.
    pub sections: &'a [&'static str],
    /// The word that makes this part's answer its own.
    pub nonce: &'a str,
}

/// The script that asks for these parts, one after the other.
pub fn script(parts: &[Part<'_>], parameters: &Parameters) -> String {
    let mut text = String::with_capacity(WHOLE.len() + 1024);
    for (at, Part { sections, nonce }) in parts.iter().enumerate() {
        let _ = writeln!(text, "# shopfloor look 1 {nonce}");
        if at == 0 {
            preparation(&mut text, parameters, nonce);
        } else {
            // The part before may have been cut off in the middle of a line.
            let _ = writeln!(text, "N='{nonce}'\necho");
        }
        for (name, body) in blocks() {
            if ["{", "}"].contains(name) {
                let _ = writeln!(text, "{}", body.trim_end_matches('\n'));
            } else if sections.contains(name) {
                let _ = writeln!(text, "#: {name}\nb {name}\n{body}\ne {name} $?");
            }
        }
    }
    text
}

/// What stands before the first section, with the lines of parameters filled in.
fn preparation(text: &mut String, parameters: &Parameters, nonce: &str) {
    let head = WHOLE.split("\n#: ").next().unwrap_or_default();
    for line in head.lines().filter(|line| !line.starts_with('#')) {
        let value = line
            .split_once('=')
            .and_then(|(name, _)| parameters.value(name, nonce).map(|value| (name, value)));
        let _ = match value {
            Some((name, value)) => writeln!(text, "{name}='{value}'"),
            None => writeln!(text, "{line}"),
        };
    }
}

/// The sections of the whole script with what each runs, between `{` and `}`,
/// which begin and end a part; without remarks.
fn blocks() -> &'static [(&'static str, String)] {
    static BLOCKS: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
        let blocks = WHOLE.split("\n#: ").skip(1);
        let blocks = blocks.map(|block| block.split_once('\n').unwrap_or((block, "")));
        let is_said = |line: &&str| !line.trim_start().starts_with('#');
        let body = |text: &str| text.lines().filter(is_said).collect::<Vec<_>>().join("\n");
        blocks.map(|(name, text)| (name, body(text))).collect()
    });
    &BLOCKS
}

#[cfg(test)]
mod tests {
    use super::super::sections::SECTIONS;
    use super::*;

    #[test]
    fn script_and_table_name_the_same_sections_in_the_same_order() {
        let of_script: Vec<&str> = WHOLE
            .lines()
            .filter_map(|line| line.strip_prefix("#: "))
            .filter(|name| !["{", "}"].contains(name))
            .collect();
        let of_table: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
        assert_eq!(of_script, of_table);
    }

    #[test]
    fn only_what_is_asked_is_sent() {
        let part = Part { sections: &["kernel", "clock"], nonce: "f00d" };
        let text = script(&[part], &Parameters::default());
        assert!(text.starts_with("# shopfloor look 1 f00d\nN='f00d'\n"), "{text}");
        assert!(text.contains(
            "#: kernel\nb kernel\nf /proc/sys/kernel/osrelease\ne kernel $?\n#: clock\nb clock\n"
        ));
        assert!(text.ends_with("printf '@@%s . = 0\\n' \"$N\"\n} | head -c 1000000\n"), "{text}");
        assert!(!text.contains("mdstat") && !text.contains("NONCE"));
    }

    #[test]
    fn nothing_of_an_inventory_becomes_shell_text() {
        let parameters = Parameters {
            names: vec!["a'; rm -rf /; '".into(), "-x".into(), "ctl-01".into(), "$(id)".into()],
            gateway: Some("10.30.0.2`id`".into()),
            ..Parameters::default()
        };
        let part = Part { sections: &["names"], nonce: "f00d" };
        let text = script(&[part], &parameters);
        assert!(text.contains("NAMES='ctl-01'\n"), "{text}");
        assert!(text.contains("GATEWAY=''\n"), "{text}");
    }

    #[test]
    fn a_device_of_libvirt_is_one_of_lspci() {
        assert_eq!(pci_address("pci_0000_58_00_0").as_deref(), Some("0000:58:00.0"));
        assert_eq!(pci_address("eth0"), None);
    }
}
