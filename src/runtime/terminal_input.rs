//! From the terminal library's events to our own [`Input`].

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};

use crate::app::{Input, Key, KeyName};
use crate::console::{MouseAct, MouseAt, Stroke, StrokeKey};

use super::consoles::ConsoleInput;

/// The longest paste that is taken, in bytes; the rest is dropped before it
/// becomes a message. No field of the product takes more than a line; consoles take all.
const LONGEST_PASTE: usize = 64 * 1024;

/// What an event means to us; `None` for key releases and keys we do not know.
pub fn read(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => read_key(key).map(Input::Key),
        Event::Paste(mut text) => {
            if text.len() > LONGEST_PASTE {
                let mut end = LONGEST_PASTE;
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
            }
            Some(Input::Paste(text))
        }
        Event::Resize(columns, rows) => Some(Input::Resize(columns, rows)),
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Input::Wheel(mouse.column, mouse.row, -1)),
            MouseEventKind::ScrollDown => Some(Input::Wheel(mouse.column, mouse.row, 1)),
            _ => None,
        },
    }
}

/// What an event means to a console that has the keys; `None` for what does not
/// concern it.
pub fn read_for_console(event: &Event) -> Option<ConsoleInput> {
    match event {
        Event::Key(key) => read_stroke(*key).map(ConsoleInput::Key),
        // Whole, whatever its length: a part of a script is another script.
        Event::Paste(text) => Some(ConsoleInput::Paste(text.clone())),
        Event::Mouse(mouse) => {
            let number = |button| match button {
                MouseButton::Left => 0,
                MouseButton::Middle => 1,
                MouseButton::Right => 2,
            };
            let act = match mouse.kind {
                MouseEventKind::Down(button) => MouseAct::Down(number(button)),
                MouseEventKind::Up(button) => MouseAct::Up(number(button)),
                MouseEventKind::Drag(button) => MouseAct::Drag(number(button)),
                MouseEventKind::Moved => MouseAct::Move,
                MouseEventKind::ScrollUp => MouseAct::Wheel(-1),
                MouseEventKind::ScrollDown => MouseAct::Wheel(1),
                _ => return None,
            };
            let has = |modifier| mouse.modifiers.contains(modifier);
            let at = MouseAt {
                column: mouse.column,
                row: mouse.row,
                shift: has(KeyModifiers::SHIFT),
                alt: has(KeyModifiers::ALT),
                ctrl: has(KeyModifiers::CONTROL),
            };
            Some(ConsoleInput::Mouse(act, at))
        }
        _ => None,
    }
}

fn read_stroke(key: KeyEvent) -> Option<Stroke> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let has = |modifier| key.modifiers.contains(modifier);
    let (ctrl, alt) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT));
    let name = match key.code {
        // The library's names for 0x1c to 0x1f; what was sent goes on as it came.
        KeyCode::Char('4') if ctrl => StrokeKey::Char('\\'),
        KeyCode::Char('5') if ctrl => StrokeKey::Char(']'),
        KeyCode::Char('6') if ctrl => StrokeKey::Char('^'),
        KeyCode::Char('7') if ctrl => StrokeKey::Char('_'),
        KeyCode::Char(c) => StrokeKey::Char(c),
        KeyCode::Enter => StrokeKey::Enter,
        KeyCode::Esc => StrokeKey::Esc,
        KeyCode::Tab => StrokeKey::Tab,
        KeyCode::BackTab => StrokeKey::BackTab,
        KeyCode::Backspace => StrokeKey::Backspace,
        KeyCode::Insert => StrokeKey::Insert,
        KeyCode::Delete => StrokeKey::Delete,
        KeyCode::Up => StrokeKey::Up,
        KeyCode::Down => StrokeKey::Down,
        KeyCode::Left => StrokeKey::Left,
        KeyCode::Right => StrokeKey::Right,
        KeyCode::PageUp => StrokeKey::PageUp,
        KeyCode::PageDown => StrokeKey::PageDown,
        KeyCode::Home => StrokeKey::Home,
        KeyCode::End => StrokeKey::End,
        KeyCode::F(n) => StrokeKey::F(n),
        _ => return None,
    };
    Some(Stroke { key: name, ctrl, alt, shift: has(KeyModifiers::SHIFT) })
}

/// The same as a key of ours; what we have no use for is none.
fn read_key(key: KeyEvent) -> Option<Key> {
    let Stroke { key, ctrl, alt, .. } = read_stroke(key)?;
    let name = match key {
        StrokeKey::Char(c) => KeyName::Char(c),
        StrokeKey::Enter => KeyName::Enter,
        StrokeKey::Esc => KeyName::Esc,
        StrokeKey::Tab => KeyName::Tab,
        StrokeKey::BackTab => KeyName::BackTab,
        StrokeKey::Backspace => KeyName::Backspace,
        StrokeKey::Delete => KeyName::Delete,
        StrokeKey::Up => KeyName::Up,
        StrokeKey::Down => KeyName::Down,
        StrokeKey::Left => KeyName::Left,
        StrokeKey::Right => KeyName::Right,
        StrokeKey::PageUp => KeyName::PageUp,
        StrokeKey::PageDown => KeyName::PageDown,
        StrokeKey::Home => KeyName::Home,
        StrokeKey::End => KeyName::End,
        StrokeKey::F(n) => KeyName::F(n),
        StrokeKey::Insert => return None,
    };
    Some(Key { name, ctrl, alt })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_dropped_and_ctrl_backslash_is_known() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(read(Event::Key(key)), Some(Input::Key(Key::char('q'))));
        key.kind = KeyEventKind::Release;
        assert_eq!(read(Event::Key(key)), None);
        let key = KeyEvent::new(KeyCode::Char('4'), KeyModifiers::CONTROL);
        assert_eq!(read(Event::Key(key)), Some(Input::Key(Key::ctrl('\\'))));
    }

    #[test]
    fn a_megabyte_of_paste_is_bounded_at_a_character() {
        let text = "é".repeat(1 << 19);
        let Some(Input::Paste(taken)) = read(Event::Paste(text)) else { panic!("a paste") };
        assert!(taken.len() <= LONGEST_PASTE && taken.len() > LONGEST_PASTE - 4);
    }

    #[test]
    fn a_paste_for_a_console_is_never_cut() {
        let text = "echo one\n".repeat(1 << 16);
        let Some(ConsoleInput::Paste(taken)) = read_for_console(&Event::Paste(text.clone())) else {
            panic!("a paste")
        };
        assert_eq!(taken, text);
    }
}
