//! What the cloud offers: catalogue, names, addresses, capacity.

use serde_json::Value;

use super::{field, list, rows, text};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::openstack::survey as keys;
use crate::probes::documented::{Section, SectionAnswer, Trouble};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "token",
        program: "openstack token issue",
        script: "o token issue -f json -c expires",
        needs: &[],
        keys: &[keys::TOKEN_ENDS.info],
        read: token,
    },
    Section {
        name: "services",
        program: "openstack service list",
        script: "o service list -f json",
        needs: &[],
        keys: &[keys::CATALOGUE.info],
        read: catalogue,
    },
    Section {
        name: "endpoints",
        program: "openstack endpoint list",
        script: "o endpoint list -f json",
        needs: &[],
        keys: &[keys::ENDPOINTS.info],
        read: endpoints,
    },
    Section {
        name: "offered",
        program: "openstack image list, flavor list, network list",
        script: include_str!("../../../assets/probes/openstack/offered.sh"),
        needs: &[],
        keys: &[keys::IMAGES.info, keys::FLAVOURS.info, keys::NETWORKS.info],
        read: offered,
    },
    Section {
        name: "secrets",
        program: "openstack secret list",
        script: "o secret list -f json -c Name -c Status",
        needs: &[],
        keys: &[keys::SECRETS.info],
        read: secrets,
    },
    Section {
        name: "addresses",
        program: "openstack ip availability show",
        script: include_str!("../../../assets/probes/openstack/addresses.sh"),
        needs: &[],
        keys: &[keys::ADDRESSES.info],
        read: addresses,
    },
    Section {
        name: "capacity",
        program: "openstack hypervisor stats show",
        script: "o hypervisor stats show -f json",
        needs: &[],
        keys: &[keys::CAPACITY.info],
        read: capacity,
    },
];

pub(super) fn token(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let token = answer.json("a token's end")?;
    let ends = text(&token, &["expires", "expires_at"]);
    if ends.is_empty() {
        return Err(Trouble::Format("a token's end"));
    }
    report.learn(keys::TOKEN_ENDS, ends);
    Ok(())
}

pub(super) fn catalogue(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of services";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    let row = |service: &Value| vec![text(service, &["type"]), text(service, &["name"])];
    report.learn(keys::CATALOGUE, rows(&["type", "name"], all, row));
    Ok(())
}

pub(super) fn endpoints(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of endpoints";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    let table = rows(&["type", "interface", "url"], all, |endpoint| {
        vec![
            text(endpoint, &["service_type", "service_id"]),
            text(endpoint, &["interface"]),
            text(endpoint, &["url"]),
        ]
    });
    report.learn(keys::ENDPOINTS, table);
    Ok(())
}

/// The names in a list.
fn names(value: Option<&Value>) -> Option<Vec<String>> {
    let all = list(value?)?;
    Some(all.iter().take(super::MOST_ROWS).map(|item| text(item, &["name"])).collect())
}

pub(super) fn offered(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "lists of images, flavours and networks";
    let all = answer.json(what)?;
    let images = all.get("images").and_then(list).ok_or(Trouble::Format(what))?;
    let row = |image: &Value| vec![text(image, &["name"]), text(image, &["status"])];
    report.learn(keys::IMAGES, rows(&["image", "status"], images, row));
    let flavours = names(all.get("flavors")).ok_or(Trouble::Format(what))?;
    let networks = names(all.get("networks")).ok_or(Trouble::Format(what))?;
    report.learn(keys::FLAVOURS, flavours);
    report.learn(keys::NETWORKS, networks);
    Ok(())
}

pub(super) fn secrets(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of secrets";
    let all = answer.json(what)?;
    report.learn(keys::SECRETS, list(&all).ok_or(Trouble::Format(what))?.len() as f64);
    Ok(())
}

pub(super) fn addresses(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "the use of a network's addresses";
    let mut table = Table::new(&["network", "used", "total"]);
    // One document per network.
    for one in serde_json::Deserializer::from_str(answer.ok()?).into_iter::<Value>() {
        let one = one.map_err(|_| Trouble::Format(what))?;
        let (used, total) = (text(&one, &["used_ips"]), text(&one, &["total_ips"]));
        if used.is_empty() || total.is_empty() {
            return Err(Trouble::Format(what));
        }
        table.push(vec![text(&one, &["network_name"]), used, total]);
    }
    report.learn(keys::ADDRESSES, table);
    Ok(())
}

pub(super) fn capacity(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "the use of the hypervisors";
    let stats = answer.json(what)?;
    let stats = stats.get("hypervisor_statistics").unwrap_or(&stats);
    let mut table = Table::new(&["resource", "used", "total"]);
    for (resource, used, total) in [
        ("memory", "memory_mb_used", "memory_mb"),
        ("processors", "vcpus_used", "vcpus"),
        ("storage", "local_gb_used", "local_gb"),
    ] {
        let number = |name: &str| field(stats, &[name]).and_then(Value::as_f64);
        if let (Some(used), Some(total)) = (number(used), number(total)) {
            table.push(vec![resource.to_owned(), used.to_string(), total.to_string()]);
        }
    }
    if table.rows.is_empty() {
        return Err(Trouble::Format(what));
    }
    report.learn(keys::CAPACITY, table);
    Ok(())
}
