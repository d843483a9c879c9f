//! V-TYPE-50 to 53: what the tables of variables say in their Type, Req and Rule columns.
//!
//! A template is left alone here: its type shows only when Ansible fills it in.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::findings::Findings;
use super::forms;
use super::reading::{At, Reading};
use super::view::{Member, View, list_or_one, text};
use crate::domain::Place;
use crate::inventory::variables::{Check, Segment, Shape, Variable};
use crate::inventory::{Kind, Problem};

/// Values that a rule of section 16 judges in full, so that nothing is said twice.
fn is_judged_elsewhere(variable: &Variable, shape: &Shape) -> bool {
    matches!(shape, Shape::Mac)
        || variable.name == "ceph_fsid"
        || variable.name == "operator_users"
        || variable.name == "hedgehog_kubeconfig_b64"
        || variable.name == "hedgehog.iso_url"
        || variable.name.starts_with("iaas_console_cert_manager_azure_")
}

/// One value that a variable's path leads to.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The path with keys and indices filled in.
    pub path: String,
    /// The value.
    pub at: At<'a>,
    /// What it stands in.
    pub parent: Option<At<'a>>,
}

/// Every value below `at`, the value of the variable's root, that its path leads to.
pub fn matches<'a>(at: At<'a>, variable: &Variable) -> Vec<Found<'a>> {
    let root = Found { path: variable.root().to_owned(), at, parent: None };
    let segments = variable.segments();
    follow(vec![root], segments.get(1..).unwrap_or_default())
}

fn follow<'a>(mut found: Vec<Found<'a>>, segments: &[Segment]) -> Vec<Found<'a>> {
    for segment in segments {
        found = found.into_iter().flat_map(|one| step(&one, segment)).collect();
    }
    found
}

fn step<'a>(from: &Found<'a>, segment: &Segment) -> Vec<Found<'a>> {
    let below = |key: &str, at: At<'a>| Found {
        path: format!("{}{key}", from.path),
        at,
        parent: Some(from.at),
    };
    match segment {
        Segment::Key(key) => {
            from.at.get(key).map(|at| below(&format!(".{key}"), at)).into_iter().collect()
        }
        Segment::Each => {
            let items = from.at.items().enumerate();
            items
                .map(|(index, at)| below(&format!("[{index}]"), at))
                .chain(from.at.entries().map(|(key, at)| below(&format!(".{key}"), at)))
                .collect()
        }
    }
}

/// Judges every variable where it is written, and what is missing.
pub fn judge(view: &View<'_>) -> Vec<Problem> {
    let rows =
        ["V-TYPE-50", "V-TYPE-51", "V-TYPE-52", "V-TYPE-53"].map(|id| view.case.variables.rule(id));
    let [Some(kind), Some(form), Some(required), Some(advice)] = rows else { return Vec::new() };
    let mut sheets =
        Sheets { kind: Findings::of(kind), form: Findings::of(form), advice: Findings::of(advice) };
    for declared in view.declared() {
        for variable in view.case.variables.below(declared.name) {
            if is_reached(view, variable) {
                let found = matches(declared.at, variable);
                sheets.step(variable, |sheets| judge_values(view, variable, &found, sheets));
            }
        }
    }
    let mut missing = Findings::of(required);
    for variable in view.case.variables.variables() {
        if variable.is_key() && is_reached(view, variable) {
            let before = missing.problems.len();
            judge_missing(view, variable, &mut missing);
            stamp(&mut missing, before, variable);
        }
    }
    let mut problems = sheets.kind.problems;
    problems.append(&mut sheets.form.problems);
    problems.append(&mut sheets.advice.problems);
    problems.append(&mut missing.problems);
    problems
}

fn is_reached(view: &View<'_>, variable: &Variable) -> bool {
    view.case.variables.reached(Some(&variable.step), view.up_to)
}

/// The step of a type problem is its variable's.
fn stamp(findings: &mut Findings<'_>, from: usize, variable: &Variable) {
    for problem in findings.problems.iter_mut().skip(from) {
        problem.step = Some(variable.step.clone()).filter(|step| step.as_str() != "-");
    }
}

struct Sheets<'a> {
    kind: Findings<'a>,
    form: Findings<'a>,
    advice: Findings<'a>,
}

impl Sheets<'_> {
    fn step(&mut self, variable: &Variable, judge: impl FnOnce(&mut Self)) {
        let before = [&self.kind, &self.form, &self.advice].map(|sheet| sheet.problems.len());
        judge(self);
        for (sheet, from) in
            [&mut self.kind, &mut self.form, &mut self.advice].into_iter().zip(before)
        {
            stamp(sheet, from, variable);
        }
    }
}

fn judge_values(
    view: &View<'_>,
    variable: &Variable,
    found: &[Found<'_>],
    sheets: &mut Sheets<'_>,
) {
    let Some(shape) = Shape::parse(&variable.kind) else { return };
    let Some(checks) = Check::parse_all(&variable.check) else { return };
    for one in found {
        let is_right =
            is_judged_elsewhere(variable, &shape) || judge_shape(variable, &shape, one, sheets);
        if is_right {
            for check in &checks {
                judge_check(view, variable, check, one, sheets);
            }
        }
    }
    if checks.contains(&Check::Unique) {
        judge_unique(variable, found, sheets);
    }
}

/// Whether the type fits; says so where it does not.
fn judge_shape(
    variable: &Variable,
    shape: &Shape,
    one: &Found<'_>,
    sheets: &mut Sheets<'_>,
) -> bool {
    let here = one.at.resolved();
    let is_open = match &here.node.kind {
        Kind::Null | Kind::Vault(_) => true,
        Kind::Str(text) if text.is_empty() => true,
        _ => here.node.is_template(),
    };
    if is_open || fits(one.at, shape, variable) {
        return !is_open || !matches!(here.node.kind, Kind::Null);
    }
    let shown = shown(one.at, variable);
    let is_word =
        matches!(shape, Shape::OneOf(_)) && matches!(here.node.kind, Kind::Str(_) | Kind::Int(_));
    let sentence = format!("{} is {shown}, wanted is {}", one.path, shape.wanted());
    let sheet = if is_word { &mut sheets.form } else { &mut sheets.kind };
    let hint = match (&here.node.kind, shape) {
        (Kind::Bool(value), Shape::OneOf(words)) if words.iter().any(|w| w == "1") => {
            format!("the router reads text: write \"{}\"", u8::from(*value))
        }
        (Kind::Bool(_), Shape::Text) => "put it in quotes if it is meant as text".to_owned(),
        _ => String::new(),
    };
    sheet.broken(one.at.place(), sentence, &hint);
    false
}

/// A value as a sentence may show it.
fn shown(at: At<'_>, variable: &Variable) -> String {
    let here = at.resolved();
    match at.text() {
        Reading::Known(text)
            if variable.secret.is_empty() && super::secrets::looks_secret("", &text).is_none() =>
        {
            format!("{:?}", crate::domain::untrusted::printable(&text))
        }
        _ => match here.node.kind {
            Kind::Bool(value) => value.to_string(),
            _ => here.node.kind_name().to_owned(),
        },
    }
}

fn fits(at: At<'_>, shape: &Shape, variable: &Variable) -> bool {
    let here = at.resolved();
    let text = match at.text() {
        Reading::Known(text) => text,
        Reading::Unknown(_) => return true,
        Reading::Wrong => String::new(),
    };
    let text = text.trim();
    let is_scalar = matches!(here.node.kind, Kind::Str(_) | Kind::Int(_) | Kind::Float(_));
    match shape {
        Shape::Text => is_scalar,
        Shape::Whole => text.parse::<i64>().is_ok(),
        Shape::Number | Shape::NumberText => text.parse::<f64>().is_ok(),
        Shape::Bool => {
            matches!(here.node.kind, Kind::Bool(_))
                || matches!(text, "true" | "false" | "yes" | "no")
        }
        Shape::List => matches!(here.node.kind, Kind::List(_)),
        Shape::ListOf(of) => {
            let may_be_map = variable.also.iter().any(|also| also == "map");
            matches!(here.node.kind, Kind::List(_))
                && at.items().all(|item| {
                    fits(item, of, variable)
                        || (may_be_map && matches!(item.resolved().node.kind, Kind::Map(_)))
                })
        }
        Shape::Map => matches!(here.node.kind, Kind::Map(_)),
        Shape::Network | Shape::AddressWithPrefix => {
            text.contains('/') && text.parse::<IpNet>().is_ok()
        }
        Shape::Address => text.parse::<std::net::IpAddr>().is_ok(),
        Shape::Mac => forms::mac(text).is_some(),
        Shape::Uuid => forms::is_uuid(text),
        Shape::Url => forms::is_url(text),
        Shape::Name => is_scalar && forms::is_host(text),
        Shape::Path => {
            is_scalar && (text.starts_with('/') || text.starts_with('~') || text.starts_with('.'))
        }
        Shape::Duration => forms::duration_seconds(text).is_some(),
        Shape::OneOf(words) => {
            let switch =
                matches!(here.node.kind, Kind::Bool(_)) && words.iter().any(|word| word == "on");
            switch || words.iter().chain(&variable.also).any(|word| word == text)
        }
        Shape::Base64 => forms::base64_bytes(text).is_some(),
        Shape::Hex(digits) => {
            let bare = text.trim_start_matches("0x");
            (1..=*digits).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_hexdigit())
        }
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(at, shape, variable)),
    }
}

fn judge_check(
    view: &View<'_>,
    variable: &Variable,
    check: &Check,
    one: &Found<'_>,
    sheets: &mut Sheets<'_>,
) {
    let path = &one.path;
    let place = one.at.place();
    let out = &mut sheets.form;
    if let Check::SecretLength(_) | Check::SecretPrefix(_) = check {
        judge_secret(view, check, one, out);
        return;
    }
    if *check == Check::NotEmpty {
        if one.at.is_empty() {
            out.broken(place, format!("{path} is empty"), "");
        }
        return;
    }
    if one.at.is_empty() {
        return;
    }
    if let Check::EachPattern(_) | Check::EachOf(_) | Check::EachName | Check::EachSshKey = check {
        for item in list_or_one(one.at) {
            if let Reading::Known(text) = item.text() {
                judge_text(&item_check(check), &text, path, item.place(), variable, sheets);
            }
        }
        return;
    }
    if let Check::SameAs(other) = check {
        judge_same(view, other, one, out);
        return;
    }
    // The key file is looked at by the text of its path; templates and sealed values stay open.
    let text = match (check, one.at.resolved().node.kind.clone()) {
        (Check::Key32, _) => one.at.secret(view.case.vault).known().map(|text| text.to_string()),
        _ => one.at.text().known(),
    };
    if let Some(text) = text {
        judge_text(check, &text, path, place, variable, sheets);
    }
}

/// The check of one item behind a check of each.
fn item_check(check: &Check) -> Check {
    match check {
        Check::EachPattern(pattern) => Check::Pattern(pattern.clone()),
        Check::EachName => Check::DomainName,
        Check::EachSshKey => Check::SshKey,
        other => other.clone(),
    }
}

fn judge_text(
    check: &Check,
    text: &str,
    path: &str,
    place: &Place,
    variable: &Variable,
    sheets: &mut Sheets<'_>,
) {
    let text = text.trim();
    let number = text.parse::<f64>().ok();
    let (is_right, wanted): (bool, String) = match check {
        Check::Range(low, high) => {
            (number.is_none_or(|n| (*low..=*high).contains(&n)), format!("{low} to {high}"))
        }
        Check::AtLeast(low) => (number.is_none_or(|n| n >= *low), format!("at least {low}")),
        Check::Above(low) => (number.is_none_or(|n| n > *low), format!("above {low}")),
        Check::AtLeastSeconds(low) => {
            let seconds = forms::duration_seconds(text);
            (seconds.is_none_or(|n| n >= *low), format!("at least {low} s"))
        }
        Check::Pattern(pattern) => {
            let wanted = format!("the form {pattern}");
            (regex::Regex::new(pattern).is_ok_and(|re| re.is_match(text)), wanted)
        }
        Check::EachOf(words) => {
            (words.iter().any(|word| word == text), format!("one of {}", words.join(", ")))
        }
        Check::Only(value) => (text == value, value.clone()),
        Check::Prefix(bits) => {
            let net = text.parse::<IpNet>().ok();
            (net.is_none_or(|net| net.prefix_len() == *bits), format!("a prefix of /{bits}"))
        }
        Check::NetworkAddress => {
            let net = text.parse::<IpNet>().ok();
            let wanted = net.map(|net| net.trunc().to_string()).unwrap_or_default();
            (net.is_none_or(|net| net.trunc() == net), format!("the network address {wanted}"))
        }
        Check::Absolute => (text.starts_with('/'), "an absolute path".to_owned()),
        Check::SshDirectory => (
            text.starts_with("~/.ssh/"),
            "a path below ~/.ssh/, which the installer mounts".to_owned(),
        ),
        Check::DnsLabel => (forms::is_label(text), "letters, digits and inner hyphens".to_owned()),
        Check::DomainName => (forms::is_domain(text), "a domain name".to_owned()),
        Check::Mail => (forms::is_mail(text), "a mail address".to_owned()),
        Check::Key32 => {
            (forms::is_key32(text), "44 characters of base64 that are 32 bytes".to_owned())
        }
        Check::SshKey => (forms::is_ssh_key(text), "an OpenSSH public key".to_owned()),
        Check::Quantity => (forms::is_quantity(text), "a quantity such as 150Gi".to_owned()),
        Check::SecondsText => {
            (number.is_some_and(|n| n > 0.0), "a number of seconds, in quotes".to_owned())
        }
        Check::WarnUnless(value) | Check::WarnIf(value) => {
            let is_advised = (text == value) == matches!(check, Check::WarnUnless(_));
            if !is_advised {
                let sentence = format!("{path} is {text}");
                sheets.advice.broken(place, sentence, &variable.rule);
            }
            return;
        }
        _ => return,
    };
    if !is_right {
        let is_private =
            !variable.secret.is_empty() || super::secrets::looks_secret("", text).is_some();
        let said = if is_private {
            String::new()
        } else {
            format!(" {:?}", crate::domain::untrusted::printable(text))
        };
        sheets.form.broken(
            place,
            format!("{path} is{said} not as it should be: wanted is {wanted}"),
            "",
        );
    }
}

fn judge_same(view: &View<'_>, other: &str, one: &Found<'_>, out: &mut Findings<'_>) {
    let wanted = At::path(one.at.scope, other).or_else(|| view.site(other));
    let Some(wanted) = wanted else { return };
    let plain = |at: At<'_>| match at.resolved().node.kind {
        Kind::Bool(value) => Some(value.to_string()),
        _ => at.text().known(),
    };
    if let (Some(said), Some(wanted)) = (plain(one.at), plain(wanted))
        && said != wanted
    {
        let sentence = format!("{} is {said}, {other} is {wanted}", one.path);
        out.broken(one.at.place(), sentence, "both must be the same");
    }
}

fn judge_secret(view: &View<'_>, check: &Check, one: &Found<'_>, out: &mut Findings<'_>) {
    // Without a password V-SEC-03 says already that sealed values were not looked into.
    let Reading::Known(inside) = one.at.secret(view.case.vault) else { return };
    if inside.is_empty() {
        return;
    }
    let wanted = match check {
        Check::SecretLength(least) if inside.chars().count() < *least => {
            format!("at least {least} characters")
        }
        Check::SecretPrefix(prefix) if !inside.starts_with(prefix.as_str()) => {
            format!("an address that begins with {prefix}")
        }
        _ => return,
    };
    out.broken(
        one.at.place(),
        format!("{} is not as it should be: wanted is {wanted}", one.path),
        "",
    );
}

/// Siblings must differ; a list inside one entry has siblings of its own.
fn judge_unique(variable: &Variable, found: &[Found<'_>], sheets: &mut Sheets<'_>) {
    let mut seen: BTreeMap<(String, String), &Place> = BTreeMap::new();
    for one in found {
        let Reading::Known(text) = one.at.text() else { continue };
        // Disks are unique per machine, names within their list.
        let scope = if variable.name.contains("data_disks") {
            one.path.split("data_disks").next().unwrap_or_default().to_owned()
        } else {
            String::new()
        };
        if let Some(first) = seen.insert((scope, text.clone()), one.at.place()) {
            let shown = crate::domain::untrusted::printable(&text);
            let hint = format!("the other one is at {first}");
            sheets.form.broken(
                one.at.place(),
                format!("{} {shown:?} is used twice", one.path),
                &hint,
            );
        }
    }
}

/// The values that a required variable may stand in, by scope.
fn judge_missing(view: &View<'_>, variable: &Variable, out: &mut Findings<'_>) {
    if variable.required != "yes" && variable.when.is_none() {
        return;
    }
    // Rows that only a later release reads are not required yet.
    let is_later =
        variable.source == "D26" && view.case.progress.release < super::Release::new(26, 1, 0);
    let rotation = ["hedgehog.login_password", "hedgehog.authorized_keys", "hedgehog.switch_users"];
    if is_later || rotation.contains(&variable.name.as_str()) {
        return;
    }
    let segments = variable.segments();
    let Some((Segment::Key(leaf), above)) = segments.split_last() else { return };
    match variable.scope.as_deref() {
        Some("any") => {
            for group in super::FACTORY_GROUPS {
                for member in view.members(group) {
                    judge_member(variable, member, &member.declared, leaf, above, out);
                }
            }
        }
        Some(group) => {
            for member in view.members(group) {
                judge_member(variable, member, &member.declared, leaf, above, out);
            }
        }
        None => {
            let root = variable.root();
            let place = view.file();
            judge_under(
                variable,
                view.site(root),
                &place,
                leaf,
                above,
                &|path| view.site(path).is_some(),
                out,
            );
        }
    }
}

fn judge_member(
    variable: &Variable,
    member: &Member,
    place: &Place,
    leaf: &str,
    above: &[Segment],
    out: &mut Findings<'_>,
) {
    if variable.root() == "*_connections" {
        for kind in ["hedgehog_bundled_connections", "hedgehog_eslag_connections"] {
            let at = member.at(kind);
            judge_under(variable, at, place, leaf, above, &|path| member.at(path).is_some(), out);
        }
        return;
    }
    let at = member.at(variable.root());
    judge_under(variable, at, place, leaf, above, &|path| member.at(path).is_some(), out);
}

fn judge_under(
    variable: &Variable,
    root: Option<At<'_>>,
    place: &Place,
    leaf: &str,
    above: &[Segment],
    is_there: &dyn Fn(&str) -> bool,
    out: &mut Findings<'_>,
) {
    const HINT: &str = "inventory.example.yml shows it";
    if let Some(parent) = &variable.within
        && !is_there(parent)
    {
        return;
    }
    let is_plain = !above.contains(&Segment::Each);
    let Some(at) = root else {
        if is_plain {
            out.broken(place, format!("{} is not set", variable.name), HINT);
        }
        return;
    };
    if above.is_empty() {
        return;
    }
    // A whole value that is a template may hold anything.
    let start = Found { path: variable.root().to_owned(), at, parent: None };
    let parents = follow(vec![start], above.get(1..).unwrap_or_default());
    if parents.is_empty() && is_plain {
        out.broken(at.place(), format!("{} is not set", variable.name), HINT);
    }
    for parent in parents {
        let here = parent.at.resolved();
        let holds = matches!(here.node.kind, Kind::Map(_));
        if holds && parent.at.get(leaf).is_none() && applies(variable, &parent) {
            out.broken(parent.at.place(), format!("{}.{leaf} is not set", parent.path), HINT);
        }
    }
}

/// Whether the sibling condition holds: `proto=static`, `ignore!=1`, `group`,
/// or with `^` that of what the parent stands in.
fn applies(variable: &Variable, parent: &Found<'_>) -> bool {
    let Some(when) = &variable.when else { return true };
    let (when, at) = match when.strip_prefix('^') {
        Some(when) => (when, parent.parent.unwrap_or(parent.at)),
        None => (when.as_str(), parent.at),
    };
    if let Some((key, value)) = when.split_once("!=") {
        return text(at, key).as_deref() != Some(value);
    }
    match when.split_once('=') {
        Some((key, value)) => text(at, key).as_deref() == Some(value),
        None => at.get(when).is_some_and(|at| !at.is_empty()),
    }
}
