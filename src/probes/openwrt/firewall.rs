//! The firewall of the router VM.

use serde_json::Value;

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::openwrt::survey as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::{MOST_ROWS, json_text, lines};

pub(super) const BANIP: Section = section(
    "banip",
    "banip",
    "[ -x /etc/init.d/banip ] || return 127; t /etc/init.d/banip status",
    &[keys::BANIP.info, keys::FEEDS.info],
    |answer, report| {
        answer.ran()?;
        let value = |name: &str| {
            lines(answer.stdout).find_map(|line| {
                let (label, value) = line.split_once(':')?;
                (label.trim().trim_start_matches("+ ").trim() == name)
                    .then(|| value.trim().to_owned())
            })
        };
        let status = value("status").ok_or(Trouble::Format("the state of banIP"))?;
        let feeds = value("active_feeds").unwrap_or_default();
        let feeds = feeds.split([',', ' ']).filter(|feed| !feed.is_empty()).map(str::to_owned);
        report.learn(keys::FEEDS, feeds.collect());
        report.learn(keys::BANIP, status);
        Ok(())
    },
);

pub(super) const ALLOWED: Section = section(
    "allowed",
    "nft",
    "command -v nft >/dev/null || return 127; for s in allow_operators allow_tenants; do t nft -j list set inet fw4 $s 2>/dev/null; echo; done; true",
    &[keys::ALLOWED.info],
    |answer, report| {
        let mut table = Table::new(&["set", "elements"]);
        for line in answer.ok()?.lines().filter(|line| !line.trim().is_empty()) {
            let list: Value =
                serde_json::from_str(line).map_err(|_| Trouble::Format("a set of nft"))?;
            let entries = list.get("nftables").and_then(Value::as_array);
            for set in entries.into_iter().flatten().filter_map(|entry| entry.get("set")) {
                let count = set.get("elem").and_then(Value::as_array).map_or(0, Vec::len);
                table.push(vec![json_text(set.get("name")), count.to_string()]);
            }
        }
        report.learn(keys::ALLOWED, table);
        Ok(())
    },
);

pub(super) const FORWARD_RULES: Section = section(
    "forward-rules",
    "nft",
    "command -v nft >/dev/null || return 127; t nft list chain inet fw4 forward_wan 2>/dev/null || t nft list ruleset",
    &[keys::FORWARD_RULES.info],
    |answer, report| {
        let is_rule = |line: &&str| line.contains("comment ") || line.contains("@allow_");
        let rules = answer.ok()?.lines().map(str::trim).filter(is_rule).take(MOST_ROWS);
        report.learn(keys::FORWARD_RULES, rules.map(printable).collect());
        Ok(())
    },
);
