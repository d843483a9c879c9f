//! The last line of a run's screen: where keys go, what outlives the screen,
//! how to leave, and the questions that own the next key.

use crate::install::journal::StopLevel;

/// What the bar asks or says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar<'a> {
    /// Keys go to the command, or not: `whose` says so.
    Through {
        /// The run and its state.
        run: String,
        /// Where keys go.
        whose: String,
        /// What people call the run.
        title: &'a str,
    },
    /// The next key is for us.
    Menu {
        /// Whether this screen has the pen.
        has_pen: bool,
        /// Who asks for it.
        asking: Option<String>,
    },
    /// Whether the run is to be stopped.
    Stop {
        /// The run.
        run: u64,
        /// How.
        level: StopLevel,
        /// What people call the run.
        title: &'a str,
    },
}

impl Bar<'_> {
    /// The words in so many columns: those that everybody needs come first,
    /// and where there is little room they are shorter.
    pub fn words(&self, columns: usize) -> String {
        let forms = self.forms();
        let fits = |words: &&String| words.chars().count() <= columns;
        forms.iter().find(fits).or(forms.last()).cloned().unwrap_or_default()
    }

    /// The same after a key that does nothing here.
    pub fn after_wrong_key(&self, columns: usize) -> String {
        format!("no such key | {}", self.words(columns.saturating_sub(14)))
    }

    fn forms(&self) -> Vec<String> {
        match self {
            Bar::Through { run, whose, title } => vec![
                format!(
                    "{run}, goes on without this screen | {whose} | Ctrl-\\ takes them back | {title}"
                ),
                format!("{run}, goes on without this screen | {whose} | Ctrl-\\ takes them back"),
                format!("{run}, goes on without you | {whose} | Ctrl-\\ frees them"),
                format!("{run} | {whose} | Ctrl-\\ frees them"),
                format!("{whose} | Ctrl-\\ frees them"),
                format!("Ctrl-\\ | {whose}"),
            ],
            Bar::Menu { has_pen, asking } => {
                let pen = |give: &str, ask: &str, by: &str| match (asking, has_pen) {
                    (Some(_), true) => format!("y gives {by}the pen | n keeps it"),
                    (None, true) => give.to_owned(),
                    (_, false) => ask.to_owned(),
                };
                let by = asking.as_ref().map(|by| format!("{by} ")).unwrap_or_default();
                let long = pen("p give the pen back", "p ask for the pen", &by);
                let short = pen("p pen back", "p pen", "");
                vec![
                    format!(
                        "Esc back | d leave, the run goes on | s stop it | {long} | Ctrl-\\ send that key"
                    ),
                    format!("Esc back | d leave, run goes on | s stop | {long} | Ctrl-\\ send"),
                    format!("Esc back | d leave | s stop | {short} | Ctrl-\\ send"),
                    format!("Esc | d leave | s stop | {short}"),
                ]
            }
            Bar::Stop { run, level, title } => {
                let signal = level.word().to_uppercase();
                vec![
                    format!("y sends {signal} to run {run} | Esc sends nothing | {title}"),
                    format!("y sends {signal} to run {run} | Esc sends nothing"),
                    format!("y {signal} to run {run} | Esc back"),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_says_its_keys_in_80_columns_and_in_40() {
        let title = "sh -c 'a command line that is much longer than any terminal is wide, and on'";
        let through =
            Bar::Through { run: "run 12 running".into(), whose: "keys go to it".into(), title };
        let words = through.words(80);
        for part in ["run 12 running", "goes on without", "| keys go to it |", "Ctrl-\\"] {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert!(through.words(200).ends_with("and on'"));
        for (has_pen, asking) in [(true, None), (false, None), (true, Some("bob (ops)".to_owned()))]
        {
            let menu = Bar::Menu { has_pen, asking };
            let words = menu.words(80);
            for part in ["Esc back", "d leave", "s stop", " | ", "Ctrl-\\ send"] {
                assert!(words.contains(part), "{part} in {words}");
            }
            assert!(words.len() <= 80, "{words}");
        }
        for level in [StopLevel::Int, StopLevel::Term, StopLevel::Kill] {
            let stop = Bar::Stop { run: 12, level, title };
            for columns in [40, 60, 80] {
                let words = stop.words(columns);
                let signal = level.word().to_uppercase();
                assert!(words.starts_with("y ") && words.contains(&signal), "{words}");
                assert!(words.contains("Esc") && words.len() <= columns, "{words}");
            }
            assert!(stop.after_wrong_key(80).starts_with("no such key | y sends"));
        }
    }
}
