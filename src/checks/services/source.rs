//! The private registry that the release's images come from.

use super::{SURVEY, on_bastion};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::services::survey as keys;
use crate::domain::{Age, Judgement, Verdict};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "GHCR-01", applies: on_bastion, probes: SURVEY, judge: login },
    Rule { id: "GHCR-02", applies: on_bastion, probes: SURVEY, judge: token },
    Rule { id: "GHCR-03", applies: on_bastion, probes: SURVEY, judge: pull },
];

fn login(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::SOURCE_LOGIN, |read, user| {
        let name = read.name();
        if user.is_empty() {
            Ruling::fail(format!("{name} is not logged in at ghcr.io"))
        } else {
            Ruling::pass(format!("{name} is logged in at ghcr.io as {user}"))
        }
    })
}

/// The scope that pulling needs.
const SCOPE: &str = "read:packages";

fn token(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(keys::TOKEN_STATUS)?;
        if status == 401.0 {
            return Ok(Ruling::fail(
                "the token of the source registry is refused: expired or revoked",
            ));
        }
        if status != 200.0 {
            return Err(NotKnown::because(format!(
                "GitHub answers with HTTP status {status:.0} when it is asked about the token"
            )));
        }
        let Some(scopes) = read.maybe(keys::TOKEN_SCOPES)? else {
            return Err(NotKnown::because(
                "a fine-grained token does not tell its scopes; whether it can pull is GHCR-03",
            ));
        };
        let expires = read.maybe(keys::TOKEN_EXPIRES)?;
        let soon = Age::seconds((read.threshold("expires_warn_days") * 86_400.0) as i64);
        let all: Vec<&str> =
            scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
        let left = expires.map(|expires| expires.since(case.now));
        let mut rulings = Vec::new();
        if !all.contains(&SCOPE) {
            rulings.push(Ruling::fail(format!("the token lacks the scope {SCOPE}")));
        } else if all.len() > 1 {
            rulings.push(Ruling::warn("the token may do more than pull images"));
        }
        match left {
            Some(left) if left.0 <= 0 => rulings.push(Ruling::fail("the token has expired")),
            Some(left) if left < soon => {
                rulings.push(Ruling::warn(format!("the token expires in {}", left.long())));
            }
            _ => {}
        }
        let worst = Ruling::worst(rulings);
        let ruling = worst.unwrap_or_else(|| Ruling::pass("the token can pull and is valid"));
        let when = expires.map_or_else(|| "never".to_owned(), |at| at.rfc3339());
        Ok(ruling.showing("scopes", scopes).showing("expires", when))
    })
}

fn pull(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let word = read.value(keys::PULL)?;
        let said = read.value(keys::PULL_SAID)?;
        let ruling = match word.0.as_str() {
            "works" => Ruling::pass("the release's image can be pulled"),
            "unauthorized" => Ruling::fail(
                "the release's image cannot be pulled: the token is bad, expired or under-scoped",
            ),
            "denied" => {
                Ruling::fail("the release's image cannot be pulled: no access to the package")
            }
            "no-manifest" => {
                Ruling::fail("the release's image cannot be pulled: there is no such tag")
            }
            // No way to the registry says nothing about the token.
            _ => {
                return Err(NotKnown::because(format!("skopeo could not ask ghcr.io: {said}")));
            }
        };
        let label = if ruling.verdict() == Verdict::Pass { "digest" } else { "skopeo" };
        Ok(ruling.showing(label, said))
    })
}
