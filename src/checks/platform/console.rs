//! The console: its page, its API, the operator's token.

use super::{CONSOLE, is_management};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::platform::console as keys;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "MGMT-09", applies: is_management, probes: CONSOLE, judge: page },
    Rule { id: "MGMT-10", applies: is_management, probes: CONSOLE, judge: api },
    Rule { id: "MGMT-11", applies: is_management, probes: CONSOLE, judge: token },
];

/// What the title of the front page says.
const TITLE: &str = "IaaS UI";

pub(super) fn page(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let way = read.value(keys::PAGE)?;
        let title = read.value(keys::PAGE_TITLE)?;
        let said = read.value(keys::PAGE_SAID)?;
        Ok(match way.0.as_str() {
            "name" if title.contains(TITLE) => Ruling::pass("the console shows its front page"),
            "address" if title.contains(TITLE) => Ruling::warn(format!(
                "the console shows its front page only by its address: {said}"
            )),
            "none" => Ruling::fail(format!("the console does not show its front page: {said}")),
            _ => Ruling::fail(format!("another page answers for the console: {title}")),
        }
        .showing("title", title))
    })
}

fn api(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(keys::API_STATUS)?;
        let said = read.value(keys::API_SAID)?;
        let ruling = if status != 200.0 {
            Ruling::fail(format!("the console's API does not answer: {said}"))
        } else if said.starts_with("not JSON") {
            Ruling::fail("the console's API answers with something that is no schema")
        } else {
            Ruling::pass("the console's API answers")
        };
        Ok(ruling.showing("schema", said))
    })
}

fn token(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(keys::ROLE_STATUS)?;
        let role = read.value(keys::ROLE)?;
        Ok(match (status, role.as_str()) {
            (200.0, "operator") => Ruling::pass("the operator token works"),
            (200.0, role) => {
                Ruling::fail(format!("the operator token has the role {role}, not operator"))
            }
            (401.0, _) => Ruling::fail("the operator token is refused: it has expired"),
            (status, _) => Ruling::fail(format!("the operator token gets HTTP status {status:.0}")),
        })
    })
}
