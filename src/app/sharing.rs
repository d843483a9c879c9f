//! One sentence for what several targets share, short enough to be read out.

use std::collections::BTreeSet;

use crate::domain::{CauseWord, TargetId, TargetKind, Verdict};

use super::Model;
use super::changes::Change;
use super::verdicts::Group;

/// From so many members on they are counted, not named.
const NAMED_UP_TO: usize = 200;

/// One sentence for all members of a group: how many they are, what is so of
/// them, and who they are. The words are those of the check's data for this
/// reason or verdict; without any, those of the cause; without a cause, those
/// that every member's own sentence has besides its name. A group of one says
/// its own sentence.
pub fn sentence(model: &Model, group: &Group) -> String {
    let Some(first) = group.leading.first().or_else(|| group.members.first()) else {
        return String::new();
    };
    let judgement = |target: &TargetId| model.verdicts.judgement(&group.id.check, target);
    let said = judgement(&first.target).map_or("", |judgement| judgement.sentence.as_str());
    let count = group.members.len();
    if count == 1 {
        return said.to_owned();
    }
    let what = match (phrase(model, group), &group.id.cause) {
        (Some(phrase), _) => phrase.replace("{count}", &count.to_string()),
        (None, Some(cause)) if group.id.verdict == Verdict::Unknown => {
            format!("cannot look at {count} {}, {}", noun(model, group), cause_words(cause))
        }
        _ => return format!("{count} {}: {}", noun(model, group), own_words(model, group, said)),
    };
    let what = match group.points_at() {
        Some(thing) => format!("{what}, all at {thing}"),
        None => what,
    };
    let said = match who(model, group) {
        Some(who) => format!("{what}: {who}"),
        None => what,
    };
    match unseen(model, group) {
        Some(thing) => format!("{said}; nothing looks at {thing} itself"),
        None => said,
    }
}

/// What all members point at, where that is not looked at itself.
pub fn unseen<'g>(model: &Model, group: &'g Group) -> Option<&'g str> {
    let thing = group.points_at()?;
    // Switches go by their names.
    model.verdicts.of(&TargetId::from(thing)).judgements.is_empty().then_some(thing)
}

/// One sentence for a change that several targets made: for what is well
/// again, that it is; else what their group says, if they still are in one.
pub fn changed(model: &Model, change: &Change, targets: &[TargetId]) -> String {
    let names: Vec<String> =
        targets.iter().take(NAMED_UP_TO).map(|target| name_of(model, target)).collect();
    let (count, who) = (targets.len(), ranges(&names));
    let kind = model.index.target(&model.site, &change.target).map(|target| target.kind);
    let check = &change.check;
    let shared = model.catalogue.get(check.as_str()).and_then(|spec| {
        let judgement = model.verdicts.judgement(check, &change.target);
        let reason = judgement.filter(|now| now.verdict == change.to)?.reason.as_deref();
        reason.and_then(|reason| spec.shared.get(reason))
    });
    let shared =
        shared.or_else(|| model.catalogue.get(check.as_str())?.shared.get(change.to.word()));
    match (change.to, shared) {
        (Verdict::Pass, _) => format!("{count} {} well again, {check}: {who}", plural(kind)),
        (_, Some(phrase)) => format!("{}: {who}", phrase.replace("{count}", &count.to_string())),
        (Verdict::Unknown, None) => format!("cannot look at {count} {}: {who}", plural(kind)),
        (to, None) => format!("{count} {} now {to}, {check}: {who}", plural(kind)),
    }
}

/// The words of the check's data: for the reason that all members give, else for the verdict.
fn phrase<'m>(model: &'m Model, group: &Group) -> Option<&'m str> {
    let shared = &model.catalogue.get(group.id.check.as_str())?.shared;
    let phrase = group.reason().and_then(|reason| shared.get(reason));
    phrase.or_else(|| shared.get(group.id.verdict.word())).map(String::as_str)
}

/// The first member's sentence; where the others say the same of themselves,
/// without its name, else with how many more there are.
fn own_words(model: &Model, group: &Group, said: &str) -> String {
    match group.sentence() {
        Some(all) => match who(model, group) {
            Some(who) => format!("{all}: {who}"),
            None => all.to_owned(),
        },
        None => format!("{said}, and {} more", group.members.len() - 1),
    }
}

/// A sentence without the name it is about: `bond0 of gpu-07 is down` → `bond0 is down`.
pub(super) fn without_name(sentence: &str, name: &str) -> String {
    for link in ["of ", "on "] {
        let part = format!("{link}{name} ");
        if let Some(at) = sentence.find(&part)
            && (at == 0 || sentence.get(..at).is_some_and(|before| before.ends_with(' ')))
        {
            return sentence.replacen(&part, "", 1);
        }
    }
    sentence.to_owned()
}

/// Who the members are; `None` when they are too many to name.
pub fn who(model: &Model, group: &Group) -> Option<String> {
    if group.members.len() > NAMED_UP_TO {
        return None;
    }
    let names: Vec<String> =
        group.members.iter().map(|member| name_of(model, &member.target)).collect();
    Some(ranges(&names))
}

/// Who the members are besides one of them: their names, or how many they are.
pub fn others(model: &Model, group: &Group, target: &TargetId) -> String {
    if group.members.len() > NAMED_UP_TO {
        return format!("{} {} more", group.members.len() - 1, noun(model, group));
    }
    let others = group.members.iter().filter(|member| &member.target != target);
    let names: Vec<String> = others.map(|member| name_of(model, &member.target)).collect();
    ranges(&names)
}

/// `12 hosts`.
pub fn counted(model: &Model, group: &Group) -> String {
    format!("{} {}", group.members.len(), noun(model, group))
}

/// What people call it: a controller goes by its machine.
fn name_of(model: &Model, id: &TargetId) -> String {
    let machine = model.index.target(&model.site, id).and_then(|target| target.machine.as_ref());
    model.name_of(machine.unwrap_or(id))
}

/// What the members are, in the plural.
fn noun(model: &Model, group: &Group) -> &'static str {
    let kind = |id: &TargetId| model.index.target(&model.site, id).map(|target| target.kind);
    // The members of a group are judged by one check, and a check is about one
    // kind of target; the first speaks for all.
    plural(group.members.first().and_then(|member| kind(&member.target)))
}

const fn plural(kind: Option<TargetKind>) -> &'static str {
    match kind {
        Some(TargetKind::Host) => "hosts",
        Some(TargetKind::Bmc) => "BMCs",
        Some(TargetKind::Switch) => "switches",
        Some(TargetKind::Api(_)) => "systems",
        None => "targets",
    }
}

/// Why we could not look, in a few words for a sentence about several targets.
fn cause_words(cause: &CauseWord) -> &str {
    match cause {
        CauseWord::Refused => "port closed",
        CauseWord::NoRoute => "no way there",
        CauseWord::TimedOut => "no answer",
        CauseWord::NameUnknown => "name without address",
        CauseWord::Reset | CauseWord::Cut => "connection breaks",
        CauseWord::KeyUnknown => "key not known yet",
        CauseWord::KeyChanged => "key changed",
        CauseWord::AuthRefused => "login refused",
        CauseWord::CommandMissing => "command missing",
        CauseWord::SudoPassword => "sudo wants a password",
        CauseWord::PasswordSealed => "secret missing, :unlock",
        other => other.word(),
    }
}

/// Names in order, those that count on folded: `ctl-02, gpu-01..gpu-12`.
pub fn ranges(names: &[String]) -> String {
    let mut parts: BTreeSet<(&str, usize, u64)> = BTreeSet::new();
    let mut plain: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (stem, number) = name.split_at(name.len() - digits);
        match number.parse() {
            Ok(number) => _ = parts.insert((stem, digits, number)),
            Err(_) => _ = plain.insert(name),
        }
    }
    // First and last of every run of numbers.
    let mut runs: Vec<(&str, usize, u64, u64)> = Vec::new();
    for (stem, digits, number) in parts {
        match runs.last_mut() {
            Some((s, d, _, last)) if *s == stem && *d == digits && *last + 1 == number => {
                *last = number;
            }
            _ => runs.push((stem, digits, number, number)),
        }
    }
    let name = |stem: &str, digits: usize, number: u64| format!("{stem}{number:0digits$}");
    let folded = runs.into_iter().map(|(stem, digits, first, last)| match last - first {
        0 => name(stem, digits, first),
        1 => format!("{}, {}", name(stem, digits, first), name(stem, digits, last)),
        _ => format!("{}..{}", name(stem, digits, first), name(stem, digits, last)),
    });
    let mut all: Vec<String> = plain.into_iter().map(str::to_owned).chain(folded).collect();
    all.sort();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_count_on_are_folded() {
        let names = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(ranges(&names("gpu-03 gpu-01 gpu-02 ctl-02")), "ctl-02, gpu-01..gpu-03");
        assert_eq!(
            ranges(&names("gpu-09 gpu-10 gpu-12 bastion")),
            "bastion, gpu-09, gpu-10, gpu-12"
        );
        assert_eq!(ranges(&names("n9 n10 n11 n12")), "n10..n12, n9", "n09 is another name than n9");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn a_sentence_loses_the_name_it_is_about() {
        assert_eq!(
            without_name("bond0 of gpu-07 has lost ens2f1np1", "gpu-07"),
            "bond0 has lost ens2f1np1"
        );
        assert_eq!(without_name("gpu-07 has swap on", "gpu-07"), "gpu-07 has swap on");
        assert_eq!(without_name("bond0 of gpu-071 is down", "gpu-07"), "bond0 of gpu-071 is down");
    }
}
