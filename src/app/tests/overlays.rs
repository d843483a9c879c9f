//! Palette, help, confirmation, secrets, faults, paste.

use crate::domain::faults::Fault;
use crate::domain::{Answer, Cause, CauseWord, OfferedKey};

use super::super::msg::Outcome;
use super::super::overlay::Palette;
use super::super::scenes::*;
use super::super::{Effect, Input, Model, Msg, Overlay};

fn status(model: &Model) -> &str {
    model.status.as_ref().map_or("", |status| status.sentence.as_str())
}

fn palette(model: &Model) -> &Palette {
    match &model.overlay {
        Some(Overlay::Palette(palette)) => palette,
        other => panic!("no palette: {other:?}"),
    }
}

fn labels(model: &Model) -> Vec<&str> {
    palette(model).items.iter().map(|item| item.label.as_str()).collect()
}

fn find(model: &mut Model, text: &str) {
    model.overlay = None;
    press(model, ":");
    type_text(model, text);
}

#[test]
fn the_palette_finds_targets_by_every_name_serial_and_rack() {
    let mut model = looked_at(&["leaf-01", "leaf-02", "gpu-07"], 80, 24);
    let mut site = model.site.clone();
    site.targets[4].aliases = vec!["node-x7".into()];
    tell(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue())));
    for (text, first) in
        [("leaf 02", "leaf-02"), ("l2", "leaf-02"), ("node-x7", "gpu-07"), ("5CJ001", "leaf-02")]
    {
        find(&mut model, text);
        assert_eq!(labels(&model).first(), Some(&first), "{text}: {:?}", labels(&model));
    }
    find(&mut model, "r1");
    assert_eq!(labels(&model)[0], "r1");
    press(&mut model, "Enter");
    assert_eq!(
        (model.route().screen.as_str(), model.state().rack.as_deref()),
        ("rack", Some("r1"))
    );
    find(&mut model, "leaf-02");
    press(&mut model, "Enter");
    assert_eq!(model.route().target, Some("leaf-02".into()));
}

#[test]
fn the_palette_finds_every_screen_and_every_word() {
    let mut model = looked_at(&["a"], 80, 24);
    for screen in super::super::screens::all().filter(|screen| screen.is_listed) {
        for word in screen.jump_words.iter().chain([&screen.id]) {
            find(&mut model, word);
            let goal = palette(&model).items.first().map(|item| item.goal.clone());
            let route = super::super::palette::Goal::Go(super::super::Route::screen(screen.id));
            assert_eq!(goal, Some(route), "{word}: {:?}", labels(&model));
        }
    }
    for command in super::super::commands::all() {
        let Some(word) = command.word else { continue };
        if (command.ready)(&model) == super::super::commands::Ready::Hidden {
            continue;
        }
        find(&mut model, word.word);
        assert!(
            labels(&model).iter().take(3).any(|label| label.starts_with(word.word)),
            "{}: {:?}",
            word.word,
            labels(&model)
        );
    }
}

#[test]
fn words_take_arguments_and_offer_what_there_is() {
    let mut model = looked_at(&["a"], 80, 24);
    model.choices.themes = vec!["dark".into(), "light".into(), "mono".into()];
    find(&mut model, "theme");
    press(&mut model, "Enter");
    assert_eq!(palette(&model).text, "theme ", "the line waits for a name");
    assert!(labels(&model).contains(&"theme light"));
    type_text(&mut model, "lig");
    assert_eq!(press(&mut model, "Enter"), [Effect::SaveLook("light ascii none".into())]);
    assert_eq!(model.look.theme, "light");
    find(&mut model, "theme pink");
    press(&mut model, "Enter");
    assert_eq!(status(&model), "`pink` is not one of: dark, light, mono");
    find(&mut model, "help host-02");
    press(&mut model, "Enter");
    assert_eq!(model.route().check.as_ref().map(|c| c.as_str()), Some("HOST-02"));
    find(&mut model, "help v-ceph-01");
    press(&mut model, "Enter");
    assert_eq!(model.route().check.as_ref().map(|c| c.as_str()), Some("V-CEPH-01"));
    find(&mut model, "help XYZ-99");
    press(&mut model, "Enter");
    assert_eq!(status(&model), "No check and no rule is called XYZ-99");
    find(&mut model, "quit");
    assert_eq!(press(&mut model, "Enter"), [Effect::Quit]);
    find(&mut model, "record");
    assert_eq!(press(&mut model, "Enter"), [Effect::SaveRecording]);
}

#[test]
fn what_matches_nothing_shows_what_is_near() {
    let mut model = looked_at(&["leaf-01", "leaf-02"], 80, 24);
    find(&mut model, "leaf-09zzz");
    assert!(palette(&model).is_nearest);
    assert_eq!(palette(&model).matching, 0);
    assert!(!labels(&model).is_empty() && labels(&model).len() <= 3, "{:?}", labels(&model));
    press(&mut model, "Esc");
    assert_eq!(model.overlay, None);
    assert_eq!(model.route().screen, "overview");
}

#[test]
fn words_for_a_command_that_takes_any_count_as_a_match() {
    let mut model = looked_at(&["leaf-01"], 80, 24);
    find(&mut model, "run true");
    assert_eq!(labels(&model), ["run true"]);
    assert_eq!(palette(&model).matching, 1);
    assert!(!palette(&model).is_nearest);
}

#[test]
fn what_was_used_comes_first_among_equals() {
    let mut model = looked_at(&["gpu-01", "gpu-02", "gpu-03"], 80, 24);
    find(&mut model, "gpu");
    let at = labels(&model).iter().position(|label| *label == "gpu-03").expect("listed");
    for _ in 0..at {
        press(&mut model, "Down");
    }
    press(&mut model, "Enter");
    find(&mut model, "gpu");
    assert_eq!(labels(&model)[0], "gpu-03");
}

#[test]
fn help_lists_what_is_here_narrows_and_runs() {
    let mut model = looked_at(&["a"], 80, 24);
    press(&mut model, "2 ?");
    let Some(Overlay::Help(menu)) = &model.overlay else { panic!("no help") };
    assert_eq!(menu.commands[..2], ["rack.rear", "rack.colour"]);
    assert!(menu.commands.iter().any(|id| id == "time.back"), "what is off is listed too");
    type_text(&mut model, "turn the rack");
    press(&mut model, "Enter");
    assert_eq!(model.overlay, None);
    assert!(model.state().is_rear);
    press(&mut model, "?");
    type_text(&mut model, "step back in");
    press(&mut model, "Enter");
    assert!(matches!(model.overlay, Some(Overlay::Help(_))), "what is off leaves the list open");
    assert!(status(&model).contains("not built yet"), "{}", status(&model));
}

fn offered(fingerprint: &str, revoked: bool) -> OfferedKey {
    OfferedKey {
        host: "b".to_owned(),
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: fingerprint.to_owned(),
        conflict: None,
        revoked,
    }
}

fn key_changed(model: &mut Model) {
    let cause = Cause::new(CauseWord::KeyChanged, "b shows another host key", "compare it")
        .with_detail("recorded: ssh-ed25519 SHA256:old at known_hosts line 4")
        .with_detail("shown: ssh-ed25519 SHA256:new for b")
        .offering(offered("SHA256:new", false));
    answer(model, "b", Answer::Refused(cause));
}

#[test]
fn a_host_key_is_taken_only_after_its_host_was_typed() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    find(&mut model, "accept-key ");
    press(&mut model, "Enter");
    assert!(status(&model).contains("every seen key is known"), "{}", status(&model));
    key_changed(&mut model);
    find(&mut model, "accept-key b");
    assert_eq!(press(&mut model, "Enter"), []);
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no confirmation") };
    assert!(confirm.lines.iter().any(|line| line == "Fingerprint  SHA256:new"));
    assert_eq!(press(&mut model, "Enter Enter"), [], "Enter twice never confirms");
    assert!(model.overlay.is_some());
    type_text(&mut model, "a");
    assert_eq!(press(&mut model, "Enter"), []);
    press(&mut model, "Backspace");
    type_text(&mut model, "b");
    assert_eq!(
        press(&mut model, "Enter"),
        [Effect::AcceptHostKey("b".into(), "SHA256:new".into())]
    );
    assert_eq!(model.overlay, None);
    find(&mut model, "accept-key b");
    press(&mut model, "Enter");
    type_text(&mut model, "b");
    assert_eq!(press(&mut model, "Esc"), []);
    assert_eq!(model.overlay, None);
}

#[test]
fn a_revoked_host_key_cannot_be_taken() {
    let mut model = looked_at(&["b"], 80, 24);
    let cause = Cause::new(CauseWord::KeyChanged, "b shows a revoked key", "do not connect")
        .with_detail("shown: ssh-ed25519 SHA256:bad for b")
        .offering(offered("SHA256:bad", true));
    answer(&mut model, "b", Answer::Refused(cause));
    find(&mut model, "accept-key b");
    assert_eq!(press(&mut model, "Enter"), []);
    assert_eq!(model.overlay, None);
    assert_eq!(status(&model), "b shows a revoked key; do not connect");
}

#[test]
fn a_secret_is_known_by_name_and_length_only() {
    let mut model = looked_at(&["a"], 80, 24);
    let names = vec!["ssh-key one".into(), "vault default".into()];
    tell(&mut model, Msg::SecretsWanted(names));
    assert!(status(&model).contains("2 secrets are wanted"));
    assert_eq!(model.overlay, None, "nothing takes the keys from the operator unasked");
    find(&mut model, "unlock");
    assert_eq!(press(&mut model, "Enter"), [Effect::PromptSecret("ssh-key one".into())]);
    for length in 1..=8 {
        tell(&mut model, Msg::Input(Input::Hidden));
        tell(&mut model, Msg::SecretLength(length));
    }
    tell(&mut model, Msg::Input(Input::Paste("hunter2".into())));
    assert!(!serde_json::to_string(&model).unwrap().contains("hunter2"));
    assert!(matches!(&model.overlay, Some(Overlay::Secret(secret)) if secret.length == 8));
    assert_eq!(
        tell(&mut model, Msg::SecretClosed(true)),
        [Effect::PromptSecret("vault default".into())],
        "the next one is asked for at once"
    );
    assert_eq!(tell(&mut model, Msg::SecretClosed(false)), []);
    assert_eq!(model.overlay, None);
    assert_eq!(model.secrets_wanted, ["vault default".into()]);
}

#[test]
fn faults_are_offered_in_the_demo_only() {
    let mut model = looked_at(&["a"], 80, 24);
    find(&mut model, "inject ");
    assert!(!labels(&model).iter().any(|label| label.contains("raid-disk")));
    model.overlay = None;
    let demo = crate::domain::Site { is_demo: true, ..site(&["a"]) };
    let effects = tell(&mut model, Msg::SiteLoaded(Box::new(demo), Box::new(catalogue())));
    assert_eq!(effects, [Effect::ListFaults]);
    let fault = |name: &str, active| Fault { name: name.into(), title: "breaks".into(), active };
    tell(&mut model, Msg::Faults(Ok(vec![fault("raid-disk", false), fault("leaf-dead", true)])));
    find(&mut model, "inject raid");
    assert_eq!(press(&mut model, "Enter"), [Effect::Inject("raid-disk".into())]);
    find(&mut model, "heal ");
    assert!(labels(&model).contains(&"heal leaf-dead"), "{:?}", labels(&model));
    assert!(!labels(&model).contains(&"heal raid-disk"));
    model.overlay = None;
    let done = Msg::Done(Outcome::Done("raid-disk is in force".into()));
    assert_eq!(tell(&mut model, done), [Effect::ListFaults]);
    assert_eq!(status(&model), "raid-disk is in force");
}

#[test]
fn a_megabyte_pasted_is_a_short_line() {
    let mut model = looked_at(&["a"], 80, 24);
    let big = format!("x\u{1b}[31m{}\nsecond line", "y".repeat(1 << 20));
    tell(&mut model, Msg::Input(Input::Paste(big.clone())));
    assert_eq!(status(&model), "Nothing here takes pasted text");
    press(&mut model, ":");
    tell(&mut model, Msg::Input(Input::Paste(big.clone())));
    assert_eq!(palette(&model).text.chars().count(), 200);
    assert!(!palette(&model).text.contains('\u{1b}'));
    press(&mut model, "Esc /");
    tell(&mut model, Msg::Input(Input::Paste(big)));
    assert!(model.state().filter.len() <= 200);
}

#[test]
fn ctrl_c_asks_and_stops_nothing_by_itself() {
    let mut model = looked_at(&["a"], 80, 24);
    assert_eq!(press(&mut model, "Ctrl-C"), []);
    assert!(matches!(model.overlay, Some(Overlay::Stop(_))));
    assert_eq!(press(&mut model, "Down Enter"), [Effect::Quit]);
    assert_eq!(press(&mut model, "Ctrl-Z"), [Effect::Suspend]);
    assert_eq!(press(&mut model, "Ctrl-L"), [Effect::Repaint]);
}

#[test]
fn actions_of_the_selection_stand_there_with_their_reasons() {
    let mut model = looked_at(&["a"], 80, 24);
    press(&mut model, "2 .");
    let Some(Overlay::Actions(menu)) = &model.overlay else { panic!("no actions") };
    assert!(menu.commands.iter().any(|id| id == "console.open"));
    press(&mut model, "Enter");
    assert_eq!(model.route().screen, "target");
}
