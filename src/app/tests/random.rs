//! Whatever comes in whatever order: no panic, a model that survives being
//! written and read, sums that are those of a count from the beginning, and
//! the same model again from the same messages.

use proptest::prelude::*;

use crate::domain::Stamp;

use super::super::scenes::*;
use super::super::verdicts::{Judged, Verdicts};
use super::super::{Input, Key, KeyName, Model, Msg, screens};

const HOSTS: [&str; 5] = ["gpu-01", "gpu-02", "ctl-01", "leaf-01", "größe"];

fn any_key() -> impl Strategy<Value = Key> {
    let name = prop_oneof![
        8 => prop::sample::select("?:/nN!jkgG[]{}<>tlcdr.AamyYxoz1234567890 sRHMLeuwpE&hFUJ".chars().collect::<Vec<_>>())
            .prop_map(KeyName::Char),
        1 => any::<char>().prop_map(KeyName::Char),
        6 => prop::sample::select(vec![
            KeyName::Enter, KeyName::Esc, KeyName::Tab, KeyName::BackTab, KeyName::Backspace,
            KeyName::Delete, KeyName::Up, KeyName::Down, KeyName::Left, KeyName::Right,
            KeyName::PageUp, KeyName::PageDown, KeyName::Home, KeyName::End, KeyName::F(3),
        ]),
    ];
    (name, prop::bool::weighted(0.1), prop::bool::weighted(0.05))
        .prop_map(|(name, ctrl, alt)| Key { name, ctrl, alt })
}

fn any_answer() -> impl Strategy<Value = Msg> {
    (prop::sample::select(HOSTS.to_vec()), 0..5_u8, 0..100_i64).prop_map(|(host, kind, later)| {
        let at = NOW.plus_millis(later * 700);
        match kind {
            0 => Msg::Answered(probe(host, "host.look"), good("6.8.0"), at, 5),
            1 => Msg::Answered(probe(host, "host.look"), good("bad"), at, 5),
            2 => Msg::Answered(probe(host, "host.look"), refused(host), at, 5),
            3 => Msg::Answered(probe(&format!("bmc:{host}"), "bmc.redfish"), powered(), at, 5),
            _ => Msg::Asked(probe(host, "host.look"), at),
        }
    })
}

fn any_msg() -> impl Strategy<Value = Msg> {
    prop_oneof![
        10 => any_key().prop_map(|key| Msg::Input(Input::Key(key))),
        2 => (0..=300_u16, 0..=100_u16).prop_map(|(x, y)| Msg::Input(Input::Resize(x, y))),
        2 => (0..=300_u16, 0..=100_u16).prop_map(|(x, y)| Msg::Input(Input::Click(x, y))),
        1 => (0..=300_u16, 0..=100_u16, any::<i8>())
            .prop_map(|(x, y, by)| Msg::Input(Input::Wheel(x, y, by))),
        1 => ".{0,40}".prop_map(|text| Msg::Input(Input::Paste(text))),
        6 => any_answer(),
        1 => (-1_000_000..10_000_000_i64).prop_map(|by| Msg::Clock(NOW.plus_millis(by))),
        1 => prop::sample::subsequence(HOSTS.to_vec(), 0..=HOSTS.len()).prop_map(|hosts| {
            Msg::SiteLoaded(Box::new(site(&hosts)), Box::new(catalogue()))
        }),
        1 => any::<bool>().prop_map(Msg::SecretClosed),
        1 => Just(Msg::SecretsWanted(vec!["vault default".into()])),
    ]
}

/// Everything a drawing would ask for.
fn read_everything(model: &Model) {
    let areas = super::super::areas(model, model.size);
    let _ = super::super::areas::tabs(model, &areas);
    let _ = super::super::header::header(model);
    let _ = super::super::header::in_brief(model);
    for panel in model.screen().panels {
        let listing = super::super::list::listing_in(model, panel, &areas);
        assert!(listing.selected.is_none_or(|at| at < listing.rows.len()));
        assert!(listing.height == 0 || listing.shown().count() <= listing.height);
        if let (Some(at), true) = (listing.selected, listing.height > 0) {
            assert!((listing.top..listing.top + listing.height).contains(&at));
        }
        for (row, _) in listing.shown() {
            let _ = screens::details::of_row(model, row);
            let _ = screens::rack::details(model, row);
        }
    }
    for screen in screens::all() {
        assert!(!(screen.status)(model).is_empty(), "{} is speechless", screen.id);
    }
    let _ = screens::rack::elevation_in(model, None, usize::MAX);
    let _ = screens::code::page(model);
}

/// What is kept of long lists is what would be made now.
fn same_rows(model: &Model) {
    let unkept = model.clone();
    for screen in screens::all() {
        for panel in screen.panels {
            let kept = super::super::kept::rows(model, panel);
            assert_eq!(
                *kept,
                (panel.rows)(&unkept, unkept.state_of(screen.id)),
                "{} {}",
                screen.id,
                panel.name
            );
        }
    }
    let fresh = screens::rack::shelves(&unkept);
    assert_eq!(screens::rack::shelves(model).tally(), fresh.tally());
    assert_eq!(
        screens::rack::elevation_in(model, None, usize::MAX),
        screens::rack::elevation_in(&unkept, None, usize::MAX)
    );
}

/// The sums, counted anew from the judgements alone.
fn counted_anew(model: &Model) -> Verdicts {
    let mut anew = Verdicts::default();
    for (target, verdicts) in &model.verdicts.targets {
        let judged = Judged {
            judgements: verdicts.judgements.clone(),
            awaited: verdicts.awaited.clone(),
            called: verdicts.called.clone(),
        };
        anew.replace(target, verdicts.place, judged, Stamp(0), &mut Default::default());
    }
    anew
}

fn same_sums(model: &Model) {
    let anew = counted_anew(model);
    for (layer, kept) in &model.verdicts.layers {
        let fresh = anew.layer(*layer);
        assert_eq!(kept.counts, fresh.counts, "{layer}");
        assert_eq!(
            (kept.folded, kept.targets, kept.looked, kept.silent),
            (fresh.folded, fresh.targets, fresh.looked, fresh.silent),
            "{layer}"
        );
        assert_eq!(kept.standings, fresh.standings, "{layer}");
        let sizes = |summary: &super::super::verdicts::LayerSummary| {
            let mut sizes: Vec<_> = summary
                .groups()
                .map(|g| {
                    let said = (g.reasons.clone(), g.said.clone());
                    (g.id.clone(), g.members.len(), g.leading.len(), g.folded, said)
                })
                .collect();
            sizes.sort();
            sizes
        };
        assert_eq!(sizes(kept), sizes(fresh), "{layer}");
    }
    let counts = &model.probes;
    let states = || model.facts.targets.values().flat_map(|facts| facts.probes.values());
    assert_eq!(counts.known, states().count());
    assert_eq!(counts.asking, states().filter(|state| state.asking.is_some()).count());
    assert_eq!(counts.troubled, states().filter(|state| state.trouble.is_some()).count());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_messages_at_any_size_leave_a_sound_model(
        messages in prop::collection::vec(any_msg(), 0..120),
        mouse in any::<bool>(),
    ) {
        let mut model = looked_at(&HOSTS, 80, 24);
        model.mouse = mouse;
        let start = model.clone();
        for msg in &messages {
            tell(&mut model, msg.clone());
            read_everything(&model);
            same_rows(&model);
        }
        same_sums(&model);

        let text = serde_json::to_string(&model).expect("a model can be written");
        let read: Model = serde_json::from_str(&text).expect("and read");
        prop_assert_eq!(&read, &model);

        let mut again = start;
        for msg in &messages {
            let written = serde_json::to_string(msg).expect("a message can be written");
            tell(&mut again, serde_json::from_str(&written).expect("and read"));
        }
        prop_assert_eq!(&again, &model);
    }
}
