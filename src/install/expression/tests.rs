//! Conditions: how they are read, and that what cannot be judged never counts as held.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::Verdict;
use crate::install::plan::Fault;

fn read_text(text: &str) -> Result<Expr, Vec<Fault>> {
    let document = crate::inventory::yaml::read(text, Path::new("x.yml")).unwrap();
    let mut faults = Vec::new();
    let read = read(&document.root, &mut faults);
    match read {
        Some(expr) if faults.is_empty() => Ok(expr),
        _ => Err(faults),
    }
}

/// Answers that a test sets; whatever is not set is unknown.
#[derive(Default)]
struct Said {
    checks: Vec<(&'static str, CheckSeen)>,
    exit: Option<i32>,
    setting: Option<Setting>,
    confirmed: bool,
    given: Vec<String>,
    release: Option<String>,
}

impl Evidence for Said {
    fn check(&self, check: &str, at: Option<&str>) -> Vec<CheckSeen> {
        let is_meant = |seen: &CheckSeen| at.is_none_or(|at| at == seen.target);
        let found = self.checks.iter().filter(|(id, _)| *id == check).map(|(_, seen)| seen.clone());
        found.filter(is_meant).collect()
    }
    fn rule(&self, _: &str) -> (Truth, String) {
        (Truth::Unknown, String::new())
    }
    fn step(&self, step: &str, _: &Wanted) -> (Truth, String) {
        (Truth::from(step == "HW-1.1"), String::new())
    }
    fn exit(&self) -> Option<i32> {
        self.exit
    }
    fn recap(&self) -> Option<(bool, String)> {
        None
    }
    fn variable(&self, _: &str) -> Setting {
        self.setting.clone().unwrap_or(Setting::Unreadable)
    }
    fn group(&self, _: &str) -> Option<usize> {
        None
    }
    fn confirmed(&self, _: &str) -> Option<String> {
        self.confirmed.then(|| "eve said so".to_owned())
    }
    fn seen(&self, _: &str) -> Option<bool> {
        None
    }
    fn url_expires_after(&self, _: &str, _: &str) -> (Truth, String) {
        (Truth::Unknown, String::new())
    }
    fn output(&self, _: &str, _: &str) -> Vec<String> {
        self.given.clone()
    }
    fn script(&self, _: &Ask) -> (Truth, String) {
        (Truth::Unknown, String::new())
    }
    fn runner(&self) -> bool {
        true
    }
    fn filled(&self, text: &str) -> String {
        text.replace("<KEY>", "ssh-ed25519 AAAA")
    }
    fn no_run(&self) -> (Truth, String) {
        (Truth::Unknown, String::new())
    }
    fn release(&self) -> Option<String> {
        self.release.clone()
    }
}

fn seen(target: &str, verdict: Verdict) -> CheckSeen {
    CheckSeen { target: target.into(), verdict, sentence: format!("{target} is {verdict}") }
}

fn truth(text: &str, said: &Said) -> Truth {
    read_text(text).unwrap().judge(said).truth
}

#[test]
fn conditions_read_as_they_are_shown() {
    for (text, shown) in [
        ("HW-5.1", "HW-5.1"),
        ("HW-5.1 installing", "HW-5.1 installing"),
        ("HW-5.1 not running", "HW-5.1 not running"),
        ("HW-5.R done", "HW-5.R done"),
        ("[HH-03 passes, V-CEPH-01, exit 0]", "HH-03 passes and V-CEPH-01 and exit 0"),
        (
            "{any: [HH-03@control_nodes, {all: [recap, {no_run: true}]}]}",
            "HH-03@control_nodes or (recap and nothing runs)",
        ),
        ("{not: HH-03 fails}", "not HH-03 fails"),
        ("{variable: registry_populate_images, is: false}", "registry_populate_images is false"),
        ("{confirmed: it is done, evidence: number}", "it is done (number)"),
        ("{output: HW-5.2.3/name, one: true}", "HW-5.2.3 gave one name"),
        ("{script: a-look.sh, arguments: [x], at: rb}", "a-look.sh x at rb"),
        ("{release: v25.1.5}", "release v25.1.5 or later"),
        ("[]", "nothing"),
    ] {
        assert_eq!(read_text(text).unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn what_is_no_condition_is_told() {
    for (text, told) in [
        ("exit", "`exit 0` is accepted"),
        ("HH-03 passed", "`HH-03`, `HH-03 passes`, `HH-03 fails` are accepted"),
        ("HW-5.1 instaling", "did you mean `installing`?"),
        ("lower", "a step, a check, a rule (V-…), `exit 0` and `recap` are accepted as text"),
        ("{variable: a}", "one of `is`, `is_not`, `set` is accepted"),
        ("{variable: a, is: 1, set: true}", "one of `is`, `is_not`, `set` is accepted"),
        ("{any: []}", "a list is accepted"),
        ("{anny: [exit 0]}", "did you mean `any`?"),
        ("{output: HW-1}", "`STEP/NAME` is accepted"),
        ("7", "a text such as `HW-5.1` or `HH-03 passes`, a list or a mapping is accepted"),
    ] {
        let faults = read_text(text).unwrap_err();
        assert!(faults.iter().any(|fault| fault.accepted.contains(told)), "{text}: {faults:?}");
        assert!(faults.iter().all(|fault| fault.place.line == 1), "{text}");
    }
}

#[test]
fn a_check_speaks_for_every_target() {
    let of = |verdicts: &[Verdict]| {
        let names = ["a", "b", "c"];
        let checks = verdicts.iter().zip(names).map(|(v, name)| ("HH-03", seen(name, *v)));
        Said { checks: checks.collect(), ..Said::default() }
    };
    use Truth::{Fails, Holds, Unknown as Blank};
    use Verdict::{Fail, NotYet, Pass, Unknown, Warn};
    for (verdicts, well, passes, fails) in [
        (&[Pass][..], Holds, Holds, Fails),
        (&[Pass, Warn], Holds, Fails, Fails),
        (&[Pass, Fail], Fails, Fails, Holds),
        (&[Pass, Unknown], Blank, Blank, Blank),
        (&[Fail, Unknown], Fails, Fails, Holds),
        (&[NotYet], Blank, Blank, Blank),
        (&[], Blank, Blank, Blank),
    ] {
        let said = of(verdicts);
        assert_eq!(truth("HH-03", &said), well, "{verdicts:?}");
        assert_eq!(truth("HH-03 passes", &said), passes, "{verdicts:?}");
        assert_eq!(truth("HH-03 fails", &said), fails, "{verdicts:?}");
    }
    let both = of(&[Pass, Fail]);
    assert_eq!(truth("HH-03@a passes", &both), Holds);
    assert_eq!(truth("HH-03@z passes", &both), Blank, "nobody of that name was judged");
    let judged = read_text("[HW-1.1, HH-03]").unwrap().judge(&both);
    assert_eq!(judged.against[0].line(), "HH-03: b is fail");
    assert!(judged.proofs.is_empty());
}

#[test]
fn variables_and_outputs_are_compared() {
    use Truth::{Fails, Holds, Unknown};
    let with = |setting: Setting| Said { setting: Some(setting), ..Said::default() };
    for (text, is, not_set, sealed) in [
        ("{variable: x, is: true}", Holds, Fails, Unknown),
        ("{variable: x, is: false}", Fails, Fails, Unknown),
        ("{variable: x, is_not: true}", Fails, Holds, Unknown),
        ("{variable: x, is_not: false}", Holds, Holds, Unknown),
        ("{variable: x, set: true}", Holds, Fails, Holds),
        ("{variable: x, set: false}", Fails, Holds, Fails),
    ] {
        assert_eq!(truth(text, &with(Setting::Is("true".into()))), is, "{text}");
        assert_eq!(truth(text, &with(Setting::NotSet)), not_set, "{text}");
        assert_eq!(truth(text, &with(Setting::Sealed)), sealed, "{text}");
        assert_eq!(truth(text, &with(Setting::Unreadable)), Unknown, "{text}");
    }
    let given = |list: &[&str]| Said {
        given: list.iter().map(|one| (*one).to_owned()).collect(),
        ..Said::default()
    };
    assert_eq!(truth("{output: A-1/n}", &given(&[])), Fails);
    assert_eq!(truth("{output: A-1/n, one: true}", &given(&["a", "b"])), Fails);
    assert_eq!(truth("{output: A-1/n, is: b}", &given(&["a", "b"])), Holds);
    let key = "{output: A-1/n, contains: '<KEY>'}";
    assert_eq!(truth(key, &given(&["ssh-ed25519 AAAA eve@here"])), Holds);
    assert_eq!(truth(key, &given(&["ssh-ed25519 BBBB eve@here"])), Fails);
    for (have, wanted, yes) in [
        ("v25.1.5", "v25.1.1", Some(true)),
        ("25.1.1-rc2", "v25.1.1", Some(true)),
        ("v25.1", "v25.1.1", Some(false)),
        ("v25.10.0", "v25.9", Some(true)),
        ("latest", "v25.1.1", None),
    ] {
        assert_eq!(is_at_least(have, wanted), yes, "{have} {wanted}");
    }
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let texts =
        ["HW-1.1", "HW-1.2", "exit 0", "exit 1", "HH-03", "recap", "V-CEPH-01", "{no_run: true}"];
    let leaf = prop::sample::select(texts.to_vec()).prop_map(|text| read_text(text).unwrap());
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::Any),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

/// With nothing unknown: two values.
fn two_valued(expr: &Expr, said: &Said) -> Option<bool> {
    match expr {
        Expr::All(parts) => parts
            .iter()
            .map(|part| two_valued(part, said))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.iter().all(|one| *one)),
        Expr::Any(parts) => parts
            .iter()
            .map(|part| two_valued(part, said))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.iter().any(|one| *one)),
        Expr::Not(part) => two_valued(part, said).map(|yes| !yes),
        Expr::Leaf(_) => match expr.judge(said).truth {
            Truth::Holds => Some(true),
            Truth::Fails => Some(false),
            Truth::Unknown => None,
        },
    }
}

proptest! {
    #[test]
    fn where_nothing_is_unknown_it_is_plain_logic_and_each_answer_has_its_reason(
        expr in any_expr(), exit in prop::option::of(0..2i32)
    ) {
        let said = Said { exit, ..Said::default() };
        let judged = expr.judge(&said);
        if let Some(yes) = two_valued(&expr, &said) {
            prop_assert_eq!(judged.truth, Truth::from(yes));
        }
        if judged.holds() {
            prop_assert!(judged.against.is_empty());
        } else {
            prop_assert!(judged.proofs.is_empty());
            prop_assert!(!judged.against.is_empty() || expr.leaves().is_empty());
        }
        // More knowledge never turns what was known.
        let more = Said { exit: exit.or(Some(0)), checks: vec![("HH-03", seen("a", Verdict::Pass))], ..Said::default() };
        if judged.truth != Truth::Unknown {
            prop_assert_eq!(expr.judge(&more).truth, judged.truth);
        }
    }
}
