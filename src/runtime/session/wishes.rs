//! What only the owner of the terminal can do: ring, copy, repaint, take the mouse, keep the look.

use super::Session;
use crate::app::Msg;
use crate::app::consoles::ConsoleOrder;
use crate::app::msg::Outcome;
use crate::runtime::clipboard::{self, Surroundings};
use crate::runtime::executor::Wish;
use crate::runtime::secret_field::SecretField;
use crate::ui::look::{Look, LookChoice, LookEnv};

impl Session {
    /// What an effect wants of the terminal itself.
    pub(super) async fn do_wishes(&mut self) -> std::io::Result<()> {
        while let Some(wish) = self.executor.next_wish() {
            match wish {
                Wish::Leave => self.leaving = Some(0),
                Wish::Repaint => self.painter.forget(),
                Wish::Ring => self.painter.send("\u{7}")?,
                // Below, together with what the console in front wants.
                Wish::Mouse(_) => {}
                Wish::Console(ConsoleOrder::Copy(id)) => match self.consoles.text_of(id).await {
                    Some(text) => self.copy(&text)?,
                    None => {
                        let sentence = format!("console {id} gives no text at the moment");
                        self.apply(Msg::Done(Outcome::Failed(sentence)));
                    }
                },
                Wish::Console(order) => self.consoles.begin(order),
                Wish::Prompt(name) => self.secret = Some(SecretField::open(name)),
                Wish::Suspend => {
                    self.guard.suspend()?;
                    self.painter.forget();
                    self.follow_size();
                }
                Wish::Copy(text) => self.copy(&text)?,
                Wish::CopyScreen => {
                    let text = crate::ui::picture::screen_text(&self.frame()).join("\n");
                    self.copy(&text)?;
                }
                Wish::SaveLook(words) => {
                    let outcome = match self.preferences.save_look(&words) {
                        Ok(path) => Outcome::Done(format!("look kept in {}", path.display())),
                        Err(error) => Outcome::Failed(format!("the look cannot be kept: {error}")),
                    };
                    self.apply(Msg::Done(outcome));
                }
            }
        }
        let wants = self.model.mouse
            || (self.model.console_has_keys()
                && self.model.consoles.front().is_some_and(|front| front.view.wants_mouse));
        if wants != self.has_mouse {
            self.has_mouse = wants;
            self.guard.mouse(wants)?;
        }
        Ok(())
    }

    pub(super) fn copy(&mut self, text: &str) -> std::io::Result<()> {
        let around = Surroundings {
            term: self.look_env.term.clone(),
            in_tmux: std::env::var_os("TMUX").is_some(),
        };
        let outcome = match clipboard::sequence(text, &around) {
            Some(bytes) => {
                self.painter.send(&bytes)?;
                Outcome::Done(format!(
                    "{} characters sent to the terminal's clipboard",
                    text.chars().count()
                ))
            }
            None => self.executor.save_text("copied", text),
        };
        self.apply(Msg::Done(outcome));
        Ok(())
    }

    pub(super) fn choose_look(&mut self) {
        let names = &self.model.look;
        let wanted = LookChoice {
            theme: Some(names.theme.clone()),
            glyphs: Some(names.glyphs.clone()),
            colours: Some(names.colours.clone()),
        };
        let chosen = Look::choose(&LookEnv { wanted, ..self.look_env.clone() });
        self.look = chosen.look;
        self.painter.forget();
        if !chosen.problems.is_empty() {
            let sentence = chosen.problems.join(" / ");
            // The look's names stay what was asked for, the sentence says what is drawn.
            self.apply(Msg::Done(Outcome::Failed(sentence)));
        }
    }
}
