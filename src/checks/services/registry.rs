//! The local registry and its images.

use super::{LOOK, SURVEY, on_bastion};
use crate::checks::hosts::{gigabytes, has_role, is_yes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::services as keys;
use crate::domain::keys::services::{clients, survey};
use crate::domain::{Judgement, Role, Site, Target, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "REG-01", applies: on_bastion, probes: LOOK, judge: answers },
    Rule { id: "REG-02", applies: on_bastion, probes: LOOK, judge: container },
    Rule { id: "REG-03", applies: on_bastion, probes: SURVEY, judge: images },
    Rule { id: "REG-04", applies: on_bastion, probes: SURVEY, judge: tags },
    Rule { id: "REG-05", applies: pulls, probes: &["registry.clients"], judge: clients },
];

/// Those that pull images of the local registry.
fn pulls(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::Bastion, Role::Control])
}

fn answers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(keys::REGISTRY_STATUS)?;
        let said = read.value(keys::REGISTRY_SAID)?;
        Ok(if status == 200.0 && said.is_empty() {
            Ruling::pass("the local registry answers")
        } else if status == 200.0 {
            Ruling::fail(format!("the local registry does not answer: {said}"))
        } else {
            Ruling::fail(format!("the local registry does not answer: {said}"))
                .showing("status", format!("{status:.0}"))
        })
    })
}

fn container(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let container = read.value(keys::REGISTRY_CONTAINER)?;
        let data = read.maybe(keys::REGISTRY_DATA)?;
        let name = read.name();
        let runs = container.split_whitespace().any(|word| word == "Up");
        let ruling = if container.is_empty() {
            Ruling::fail(format!("{name} has no registry container"))
        } else if !runs {
            Ruling::fail(format!("the registry container of {name} does not run"))
        } else if data.is_none() {
            Ruling::fail(format!("the registry of {name} has no data directory"))
        } else {
            Ruling::pass(format!("the registry container of {name} runs"))
        };
        let data = data.map_or("none".to_owned(), gigabytes);
        Ok(ruling.showing("container", container).showing("data", data))
    })
}

/// Whether the site mirrors images; without a word about it, it does not.
fn is_mirroring(case: &Case<'_>) -> bool {
    case.site.wanted.get(wanted::REGISTRY_POPULATE).is_some_and(|word| word == "yes")
}

fn namespace<'a>(case: &Case<'a>) -> &'a str {
    let named = case.site.wanted.get(wanted::REGISTRY_NAMESPACE);
    named.map_or(wanted::USUAL_REGISTRY_NAMESPACE, String::as_str)
}

fn images(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::REPOSITORIES, |_, found| {
        let listed = case.site.wanted.get(wanted::REGISTRY_IMAGES);
        let wanted = listed.and_then(|number| number.parse().ok());
        let wanted: f64 = wanted.unwrap_or(wanted::USUAL_REGISTRY_IMAGES);
        let space = namespace(case);
        let number = found.iter().filter(|name| name.starts_with(space)).count();
        let ruling = if number as f64 >= wanted {
            Ruling::pass(format!("the local registry has its {number} images"))
        } else if !is_mirroring(case) {
            Ruling::not_yet("the inventory does not ask for images to be mirrored")
        } else if number == 0 {
            Ruling::fail(
                "the local registry has no image, an OpenStack deployment has nothing to pull",
            )
        } else {
            Ruling::warn(format!("the local registry has {number} of {wanted:.0} images"))
        };
        ruling.showing(space, format!("{number} of {} repositories", found.len()))
    })
}

fn tags(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::TAGS, |_, found| {
        let tag = case.site.wanted.get(wanted::REGISTRY_TAG);
        let tag = tag.map_or(wanted::USUAL_REGISTRY_TAG, String::as_str);
        let space = namespace(case);
        let own: Vec<_> = rows(&found).filter(|row| row.get("name").starts_with(space)).collect();
        let lacks: Vec<&str> = own
            .iter()
            .filter(|row| !row.get("tags").split(' ').any(|one| one == tag))
            .map(|row| row.get("name"))
            .collect();
        match lacks.as_slice() {
            _ if own.is_empty() => Ruling::not_yet("the local registry has no mirrored image yet"),
            [] => Ruling::pass(format!("{} images have the tag {tag}", own.len())),
            [one] => Ruling::fail(format!("{one} has no tag {tag}")),
            [one, rest @ ..] => {
                Ruling::fail(format!("{one} and {} more images have no tag {tag}", rest.len()))
            }
        }
        .showing("without the tag", lacks.join(", "))
    })
}

fn clients(case: &Case<'_>) -> Judgement {
    judging::from(case, clients::INSECURE, |read, word| {
        let name = read.name();
        let is_due = case.site.wanted.get(wanted::REGISTRY_INSECURE).is_none_or(|w| w == "yes");
        if is_yes(&word) {
            Ruling::pass(format!("{name} takes images of the local registry"))
        } else if !is_due {
            Ruling::not_yet("the inventory does not make the local registry an insecure one")
        } else if word.0 == "absent" {
            Ruling::fail(format!("{name} does not know the local registry as an insecure one"))
        } else {
            Ruling::fail(format!("{name} wants TLS of the local registry, which has none"))
        }
    })
}
