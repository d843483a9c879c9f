//! The bastion: names, containers, keys, runs.

use super::{
    BOTH, LOOK, SURVEY, and_list, gigabytes, has_address, has_role, planned_address, rows,
};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::{Judgement, Role, Site, Target, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "BAST-02", applies: on_bastion, probes: LOOK, judge: static_address },
    Rule { id: "BAST-03", applies: on_bastion, probes: LOOK, judge: names },
    Rule { id: "BAST-04", applies: on_bastion, probes: SURVEY, judge: runtime },
    Rule { id: "BAST-06", applies: on_bastion, probes: SURVEY, judge: image },
    Rule { id: "BAST-07", applies: on_bastion, probes: &[], judge: groups },
    Rule { id: "BAST-09", applies: on_bastion, probes: SURVEY, judge: ssh_keys },
    Rule { id: "BAST-10", applies: on_bastion, probes: SURVEY, judge: cache },
    Rule { id: "BAST-11", applies: on_bastion, probes: SURVEY, judge: keyrings },
    Rule { id: "BAST-12", applies: on_bastion, probes: BOTH, judge: last_run },
    Rule { id: "BAST-13", applies: on_bastion, probes: BOTH, judge: vault_files },
    Rule { id: "BAST-14", applies: on_bastion, probes: LOOK, judge: run_in_progress },
    Rule { id: "BAST-15", applies: on_bastion, probes: LOOK, judge: multiplexer },
];

fn on_bastion(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::Bastion])
}

/// The groups of an inventory that the deployment addresses by name.
const GROUPS: [&str; 5] =
    ["router_host", "openwrt_routers", "kolla_bastion", "hedgehog_host", "hedgehog_control"];

/// Rests on the inventory alone: nothing is asked of the bastion.
fn groups(case: &Case<'_>) -> Judgement {
    let has = |group: &&str| {
        case.site.targets.iter().any(|target| target.groups.iter().any(|name| name == group))
    };
    let empty: Vec<&str> = GROUPS.into_iter().filter(|group| !has(group)).collect();
    let told = judging::judge(case, |_| {
        Ok(if empty.is_empty() {
            Ruling::pass("the inventory has the five groups of the deployment")
        } else {
            Ruling::fail(format!("the inventory has no host in {}", and_list(&empty)))
        })
    });
    Judgement { source: "inventory".to_owned(), ..told }
}

fn static_address(case: &Case<'_>) -> Judgement {
    let planned = planned_address(case);
    judging::from(case, keys::LINKS, |read, links| {
        let name = read.name();
        let mut of_wire =
            rows(&links).filter(|link| link.get("name").starts_with("en")).filter(|link| {
                let addresses = link.get("addresses");
                match planned {
                    Some(planned) => has_address(addresses, planned),
                    None => super::has_ipv4(addresses),
                }
            });
        match of_wire.next() {
            Some(link) => {
                let (interface, addresses) = (link.get("name"), link.get("addresses"));
                let ruling = if link.get("dynamic") == "yes" {
                    Ruling::fail(format!("{name} has its address on {interface} from DHCP"))
                } else {
                    Ruling::pass(format!("{name} has its static address on {interface}"))
                };
                ruling.showing(interface, addresses)
            }
            None => match planned {
                Some(planned) => Ruling::fail(format!(
                    "{name} has not its planned address {planned} on an en* interface"
                )),
                None => Ruling::fail(format!("{name} has no address on an en* interface")),
            },
        }
    })
}

fn names(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let resolved = read.value(keys::RESOLVED)?;
        let name = read.name();
        let (inside, outside): (Vec<_>, Vec<_>) =
            rows(&resolved).partition(|row| row.get("name") != crate::domain::wanted::OUTSIDE_NAME);
        let failing = |rows: &[super::Row<'_>]| -> Vec<String> {
            let failing = rows.iter().filter(|row| matches!(row.get("address"), "-" | ""));
            failing.map(|row| row.get("name").to_owned()).collect()
        };
        let (inside_failing, outside_failing) = (failing(&inside), failing(&outside));
        let ruling = if outside.is_empty() {
            return Err(NotKnown::because(format!(
                "{name} did not say whether it resolves {}",
                wanted::OUTSIDE_NAME
            )));
        } else if !outside_failing.is_empty() {
            Ruling::fail(format!("{name} does not resolve {}", and_list(&outside_failing)))
        } else if !inside_failing.is_empty() {
            Ruling::warn(format!(
                "{name} resolves outside names, but not {}",
                and_list(&inside_failing)
            ))
        } else {
            Ruling::pass(format!("{name} resolves names of the site and outside"))
        };
        Ok(rows(&resolved)
            .fold(ruling, |ruling, row| ruling.showing(row.get("name"), row.get("address"))))
    })
}

fn runtime(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::RUNTIME, |read, version| {
        let name = read.name();
        if version.is_empty() {
            Ruling::fail(format!("{name} has neither podman nor docker"))
        } else {
            Ruling::pass(format!("{name} has a container runtime")).showing("version", version)
        }
    })
}

fn image(case: &Case<'_>) -> Judgement {
    let configured = case.site.wanted.get(wanted::DEPLOYMENT_IMAGE);
    judging::from(case, survey::IMAGES, |read, images| {
        let name = read.name();
        let there = match configured {
            Some(image) => {
                images.iter().any(|seen| seen == image || seen.ends_with(&format!("/{image}")))
            }
            None => !images.is_empty(),
        };
        let ruling = if there {
            Ruling::pass(format!("{name} has the deployment image"))
        } else {
            let image = configured.map_or("gpu-infra-ansible", String::as_str);
            Ruling::fail(format!("{name} has not loaded the deployment image {image}"))
        };
        ruling.showing("podman images", images.join(", "))
    })
}

fn ssh_keys(case: &Case<'_>) -> Judgement {
    let mut wanted: Vec<&str> = case
        .site
        .targets
        .iter()
        .filter_map(|target| target.ssh.as_ref()?.identity_file.as_deref())
        .filter_map(|path| path.strip_prefix("~/.ssh/"))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    judging::judge(case, |read| {
        let name = read.name();
        if wanted.is_empty() {
            return Ok(Ruling::not_yet("the inventory names no key in ~/.ssh"));
        }
        let files = read.value(survey::SSH_FILES)?;
        let mut wrong = Vec::new();
        for key in &wanted {
            let end = format!("/.ssh/{key}");
            match rows(&files).find(|file| file.get("path").ends_with(&end)) {
                None => wrong.push(format!("has no key ~/.ssh/{key}")),
                Some(file) if !["600", "400"].contains(&file.get("mode")) => {
                    wrong.push(format!("has ~/.ssh/{key} with mode {}", file.get("mode")));
                }
                Some(_) => {}
            }
        }
        Ok(if wrong.is_empty() {
            Ruling::pass(format!(
                "{name} has the inventory's SSH keys, and nobody else can read them"
            ))
        } else {
            Ruling::fail(format!("{name} {}", and_list(&wrong)))
        })
    })
}

fn cache(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::CACHE_FREE, |read, free| {
        let name = read.name();
        let least = read.threshold("room_gb") * 1e9;
        let room = gigabytes(free);
        if free >= least {
            Ruling::pass(format!("{name} has room for VM images"))
        } else {
            Ruling::fail(format!(
                "{name} has {room} left for VM images, {} are needed",
                gigabytes(least)
            ))
        }
        .showing("~/.cache", format!("{room} available"))
    })
}

fn keyrings(case: &Case<'_>) -> Judgement {
    const SERVICES: [&str; 3] = ["cinder", "cinder-backup", "glance"];
    judging::from(case, survey::KEYRINGS, |read, keyrings| {
        let name = read.name();
        let find = |folder: &str, service: &str| {
            let end = format!("/{folder}/ceph.client.{service}.keyring");
            rows(&keyrings).find(|row| row.get("path").ends_with(&end))
        };
        let (mut missing, mut clear, mut old) = (Vec::new(), Vec::new(), Vec::new());
        for service in SERVICES {
            let Some(keyring) = find("keyrings", service) else {
                missing.push(service);
                continue;
            };
            if keyring.get("head") != "$ANSIBLE_VAULT;" {
                clear.push(service);
            }
            let newer = find("ceph", service)
                .and_then(|source| Some((source.number("changed")?, keyring.number("changed")?)))
                .is_some_and(|(source, promoted)| source > promoted);
            if newer {
                old.push(service);
            }
        }
        if !missing.is_empty() {
            Ruling::fail(format!("{name} lacks the keyrings of {}", and_list(&missing)))
        } else if !clear.is_empty() {
            Ruling::warn(format!("{name} has the keyrings of {} in clear text", and_list(&clear)))
        } else if !old.is_empty() {
            Ruling::warn(format!(
                "{name} has older keyrings of {} than the ones Ceph wrote",
                and_list(&old)
            ))
        } else {
            Ruling::pass(format!("{name} has the keyrings of Ceph, sealed"))
        }
    })
}

fn last_run(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let log = read.value(survey::LAST_RUN)?;
        let recap = read.value(survey::RECAP)?;
        let runs = read.value(keys::RUNS)?;
        let name = read.name();
        if log.is_empty() {
            return Ok(Ruling::not_yet(format!("{name} has no log of a run yet")));
        }
        if recap.rows.is_empty() {
            return Ok(if runs.is_empty() {
                Ruling::fail(format!("the last run on {name} died: its log has no recap"))
            } else {
                Ruling::not_yet(format!("a run is in progress on {name}"))
            }
            .showing("log", log));
        }
        let with = |columns: [&str; 2]| -> Vec<&str> {
            rows(&recap)
                .filter(|row| columns.iter().any(|c| row.number(c).is_some_and(|n| n > 0.0)))
                .map(|row| row.get("host"))
                .collect()
        };
        let (broken, noted) = (with(["unreachable", "failed"]), with(["rescued", "ignored"]));
        Ok(if !broken.is_empty() {
            Ruling::fail(format!("the last run on {name} failed for {}", and_list(&broken)))
        } else if !noted.is_empty() {
            Ruling::warn(format!(
                "the last run on {name} went through with ignored or rescued errors on {}",
                and_list(&noted)
            ))
        } else {
            Ruling::pass(format!("the last run on {name} went through"))
        }
        .showing("log", log))
    })
}

fn vault_files(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let files = read.value(survey::VAULT_FILES)?;
        let running = !read.value(keys::RUNS)?.is_empty();
        let name = read.name();
        let paths: Vec<&str> = rows(&files).map(|file| file.get("path")).collect();
        let open: Vec<&str> = rows(&files)
            .filter(|file| file.get("mode") != "600")
            .map(|file| file.get("path"))
            .collect();
        let ruling = if paths.is_empty() {
            Ruling::pass(format!("{name} keeps no vault password on disk"))
        } else if !open.is_empty() {
            Ruling::fail(format!(
                "others can read the vault password in {} on {name}",
                and_list(&open)
            ))
        } else if running {
            Ruling::warn(format!(
                "{name} keeps a vault password in {} for the run",
                and_list(&paths)
            ))
        } else {
            Ruling::fail(format!(
                "{name} keeps a vault password in {}, and no run is in progress",
                and_list(&paths)
            ))
        };
        Ok(rows(&files)
            .fold(ruling, |ruling, file| ruling.showing(file.get("path"), file.get("mode"))))
    })
}

fn run_in_progress(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::RUNS, |read, runs| {
        let name = read.name();
        if runs.is_empty() {
            Ruling::pass(format!("no deployment runs on {name}"))
        } else {
            Ruling::warn(format!("a deployment runs on {name}")).showing("runs", runs.join("; "))
        }
    })
}

fn multiplexer(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let runs = read.value(keys::RUNS)?;
        let name = read.name();
        if runs.is_empty() {
            return Ok(Ruling::not_yet(format!("no deployment runs on {name}")));
        }
        let sessions = read.value(keys::MULTIPLEXERS)?;
        Ok(if sessions.is_empty() {
            Ruling::warn(format!(
                "a deployment runs on {name} outside any session: a lost line would end it"
            ))
        } else {
            Ruling::pass(format!("a session on {name} can hold the run"))
        }
        .showing("tmux", sessions.join(", ")))
    })
}
