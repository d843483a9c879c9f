use std::collections::HashSet;

use ratatui::style::{Modifier, Style};

use super::*;
use crate::domain::Verdict;

fn env(term: &str, lang: &str) -> LookEnv {
    LookEnv { term: term.to_owned(), lang: lang.to_owned(), ..LookEnv::default() }
}

fn theme(name: &str) -> Theme {
    Theme::built_in(name).unwrap().unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

#[test]
fn every_theme_reads_and_defines_every_role() {
    for name in theme_names() {
        let theme = theme(name);
        assert_eq!(theme.missing(), Vec::<&str>::new(), "{name}");
        assert!(!theme.title.is_empty(), "{name}");
    }
    assert_eq!(theme_names().count(), 6);
}

#[test]
fn in_mono_every_role_differs_by_attribute_mark_or_words() {
    let look = Look::new("mono", &theme("mono"), Tier::None, &glyphs::ASCII);
    let marked: Vec<StyleRole> = Mark::ALL.into_iter().map(StyleRole::from).collect();
    for (role, word) in StyleRole::ALL {
        let style = look.style(role);
        assert!(style.fg.is_none() && style.bg.is_none(), "{word} has a colour");
        // Text is the ground everything else differs from; the names of the
        // other screens are plain because the one in front is in brackets.
        let is_ground = matches!(role, StyleRole::Text | StyleRole::Tab);
        let differs = style != Style::new() || marked.contains(&role);
        assert!(differs || is_ground, "{word} looks like text");
    }
    let differ =
        |a: StyleRole, b: StyleRole| assert_ne!(look.style(a), look.style(b), "{a:?} {b:?}");
    differ(StyleRole::Border, StyleRole::BorderFocus);
    differ(StyleRole::Header, StyleRole::HeaderArmed);
    differ(StyleRole::Header, StyleRole::HeaderPast);
    differ(StyleRole::Tab, StyleRole::TabCurrent);
}

#[test]
fn verdicts_differ_in_mark_and_in_word_in_every_table() {
    let verdicts = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Unknown, Verdict::NotYet];
    for glyphs in Glyphs::ALL {
        let marks: HashSet<char> = verdicts.iter().map(|v| glyphs.mark(Mark::of(*v))).collect();
        assert_eq!(marks.len(), verdicts.len(), "{}", glyphs.name);
    }
    let words: HashSet<&str> = Mark::ALL.into_iter().map(Mark::word).collect();
    assert_eq!(words.len(), Mark::ALL.len());
}

#[test]
fn verdicts_differ_in_style_wherever_there_is_colour() {
    for name in theme_names().filter(|name| *name != "mono") {
        let theme = theme(name);
        for tier in Tier::ALL.into_iter().filter(|tier| *tier >= theme.requires) {
            let styles: HashSet<Style> =
                [Mark::Ok, Mark::Warn, Mark::Fail, Mark::Unknown, Mark::Off]
                    .into_iter()
                    .map(|mark| theme.style(mark.into(), tier))
                    .collect();
            assert_eq!(styles.len(), 5, "{name} with {} colours", tier.word());
        }
    }
}

fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_can_be_read_on_the_ground_and_on_the_selection() {
    // WCAG 2: 4.5 for text, 7 for enhanced contrast, 3 for lines.
    let grounds = [
        ("dark", (16, 20, 26), 4.5),
        ("deuteranopia", (16, 20, 26), 4.5),
        ("light", (255, 255, 255), 4.5),
        ("high-contrast", (0, 0, 0), 7.0),
    ];
    for (name, ground, wanted) in grounds {
        let theme = theme(name);
        let rgb = |color| Colour::from_color(color).rgb();
        let selection = theme.style(StyleRole::Selection, Tier::True).bg.and_then(rgb);
        for (role, word) in StyleRole::ALL {
            let style = theme.style(role, Tier::True);
            let Some(fg) = style.fg.and_then(rgb) else { continue };
            let own = style.bg.and_then(rgb);
            let least = if role == StyleRole::Border { 3.0 } else { wanted };
            let seen = contrast(fg, own.unwrap_or(ground));
            assert!(seen >= least, "{name}: {word} has contrast {seen:.1}");
            if let (Some(selection), None) = (selection, own)
                && role != StyleRole::Border
            {
                let seen = contrast(fg, selection);
                assert!(seen >= 3.0, "{name}: {word} on the selection has contrast {seen:.1}");
            }
        }
    }
}

#[test]
fn states_stay_apart_for_eyes_without_green() {
    // Machado, Oliveira and Fernandes 2009, deuteranopia, severity 1.
    let seen = |(r, g, b): (u8, u8, u8)| {
        let (r, g, b) = (f64::from(r), f64::from(g), f64::from(b));
        [
            0.367_322 * r + 0.860_646 * g - 0.227_968 * b,
            0.280_085 * r + 0.672_501 * g + 0.047_413 * b,
            -0.011_820 * r + 0.042_940 * g + 0.968_881 * b,
        ]
    };
    let theme = theme("deuteranopia");
    let states = [Mark::Ok, Mark::Warn, Mark::Fail, Mark::Unknown];
    let colour = |mark: Mark| {
        let fg = theme.style(mark.into(), Tier::True).fg.unwrap();
        seen(Colour::from_color(fg).rgb().unwrap())
    };
    for (at, a) in states.into_iter().enumerate() {
        for b in states.into_iter().skip(at + 1) {
            let apart: f64 =
                colour(a).iter().zip(colour(b)).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
            assert!(apart > 60.0, "{a:?} and {b:?} are {apart:.0} apart");
        }
    }
}

#[test]
fn the_terminal_decides_where_the_user_does_not() {
    let look = |term, lang| Look::choose(&env(term, lang)).look.words();
    assert_eq!(look("xterm-256color", "en_GB.UTF-8"), "dark unicode 256");
    assert_eq!(look("linux", "C.UTF-8"), "linux-console linux 8");
    assert_eq!(look("vt100", "en_GB.UTF-8"), "mono ascii none");
    assert_eq!(look("", ""), "mono ascii none");
    assert_eq!(look("xterm", "POSIX"), "linux-console ascii 8");
    let rich = LookEnv { colorterm: "truecolor".into(), ..env("xterm-256color", "de_DE.utf8") };
    assert_eq!(Look::choose(&rich).look.words(), "dark unicode true");
    let plain = LookEnv { no_color: true, ..rich };
    assert_eq!(Look::choose(&plain).look.words(), "mono unicode none");
    // The user's word counts more than NO_COLOR and TERM.
    let asked = LookEnv { wanted: LookChoice::from_words("light ascii 16"), ..plain };
    let chosen = Look::choose(&asked);
    assert_eq!(chosen.look.words(), "light ascii 16");
    assert_eq!(chosen.problems, Vec::<String>::new());
}

#[test]
fn wishes_that_cannot_be_met_are_said_and_something_is_drawn() {
    let wish = |words: &str, term: &str| {
        let wanted = LookChoice::from_words(words);
        Look::choose(&LookEnv { wanted, ..env(term, "C.UTF-8") })
    };
    let slip = wish("drak", "xterm-256color");
    assert_eq!(slip.look.theme, "dark");
    assert_eq!(slip.problems, ["unknown theme \"drak\"; nearest: \"dark\"; drawn with dark"]);
    let rich = wish("deuteranopia", "linux");
    assert_eq!(rich.look.theme, "linux-console");
    assert_eq!(
        rich.problems,
        ["theme deuteranopia needs 16 colours and this terminal shows 8; drawn with linux-console"]
    );
    // Without any colour every theme is its attributes, and that is no problem.
    assert_eq!(wish("deuteranopia", "vt100").problems, Vec::<String>::new());
}

#[test]
fn a_theme_of_ones_own_changes_what_it_names_and_is_read_with_lines() {
    let own = "based_on = \"dark\"\n[roles]\nok = { fg = \"blue\" }\n";
    let mut env = env("xterm-256color", "C.UTF-8");
    env.wanted.theme = Some("mine".into());
    env.themes = vec![("mine".into(), own.into())];
    let chosen = Look::choose(&env);
    assert_eq!(chosen.problems, Vec::<String>::new());
    assert_eq!(chosen.look.style(StyleRole::Ok).fg, Some(Colour::Ansi(4).color()));
    assert_eq!(
        chosen.look.style(StyleRole::Fail),
        theme("dark").style(StyleRole::Fail, Tier::Palette)
    );

    let text = "based_on = \"dark\"\n\n[roles]\nokk = {}\nwarn = { fg = \"yelow\" }\n\
                fail = { attributes = [\"blink\", \"bald\"] }\nold = 3\n";
    let said: Vec<String> =
        Theme::read("mine.toml", text).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|s| s == "mine.toml:4: unknown role \"okk\"; nearest: \"ok\""),
        "{said:?}"
    );
    assert!(
        said.iter().any(|s| s.starts_with(
            "mine.toml:5: unknown colour \"yelow\"; nearest: \"yellow\"; a colour is"
        )),
        "{said:?}"
    );
    assert!(said.iter().any(|s| s.starts_with("mine.toml:6: blink is never used")), "{said:?}");
    assert!(said.iter().any(|s| s.contains(":6: unknown attribute \"bald\"; nearest: \"bold\"")));
    assert!(said.iter().any(|s| s.starts_with("mine.toml:7: a role's style is a table")));
    assert_eq!(said.len(), 5, "{said:?}");

    for wrong in ["[roles", "roles = 3", "title = 4", "requires = \"9\"", "colour = 1", "[roles]\n"]
    {
        let problems = Theme::read("mine.toml", wrong).unwrap_err();
        assert!(problems.iter().all(|p| p.line >= 1 && !p.sentence.is_empty()), "{wrong}");
    }
}

#[test]
fn a_background_that_is_lost_becomes_reverse() {
    for name in theme_names() {
        let style = theme(name).style(StyleRole::Selection, Tier::None);
        assert!(style.add_modifier.contains(Modifier::REVERSED), "{name}");
        for tier in Tier::ALL {
            let style = theme(name).style(StyleRole::Selection, tier);
            let seen = style.add_modifier.contains(Modifier::REVERSED)
                || style.bg.is_some_and(|bg| Colour::from_color(bg) != Colour::Default);
            assert!(seen, "{name} with {} colours shows no selection", tier.word());
        }
    }
}

#[test]
fn what_the_model_remembers_gives_the_same_look_again() {
    let env = env("xterm-256color", "C.UTF-8");
    for words in ["light linux 16", "mono ascii none", "deuteranopia unicode 256"] {
        let wanted = LookChoice::from_words(words);
        let look = Look::choose(&LookEnv { wanted, ..env.clone() }).look;
        let again = LookEnv { wanted: LookChoice::of_names(&look.names()), ..env.clone() };
        assert_eq!(Look::choose(&again).look, look);
    }
    let own = LookEnv { themes: vec![("mine".into(), String::new())], no_color: true, ..env };
    let choices = own.choices();
    assert_eq!(choices.themes.last().map(String::as_str), Some("mine"));
    assert_eq!(choices.colours, ["none", "8", "16", "256"]);
    assert_eq!(choices.glyphs, ["unicode", "linux", "ascii"]);
}
