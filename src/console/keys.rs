//! Keys, mouse and pastes as the bytes a program in a terminal expects
//! (xterm's encoding, in the modes the program chose).

/// A key as it was pressed. It never leaves the way from the keyboard to the
/// program: it is in no message, no model and no recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// Which key.
    pub key: StrokeKey,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Shift was held; of no meaning for characters.
    pub shift: bool,
}

impl Stroke {
    /// A key without modifiers.
    pub const fn plain(key: StrokeKey) -> Stroke {
        Stroke { key, ctrl: false, alt: false, shift: false }
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Stroke {
        Stroke { key: StrokeKey::Char(c), ctrl: true, alt: false, shift: false }
    }
}

/// The keys a program can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrokeKey {
    /// A character, as typed.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Insert.
    Insert,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// A function key, from 1.
    F(u8),
}

/// What the program chose that matters for what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes {
    /// Cursor keys in application mode (DECCKM).
    pub app_cursor: bool,
    /// Enter sends a line feed too (LNM).
    pub newline: bool,
    /// Pastes are bracketed.
    pub bracketed_paste: bool,
    /// Focus changes are told.
    pub focus: bool,
    /// Mouse clicks are told.
    pub mouse_click: bool,
    /// Movement with a button held is told.
    pub mouse_drag: bool,
    /// Any movement is told.
    pub mouse_motion: bool,
    /// In SGR encoding; else in the old one.
    pub mouse_sgr: bool,
    /// The wheel moves the cursor on the alternate screen.
    pub wheel_is_arrows: bool,
}

impl Modes {
    /// Whether the program wants the mouse at all.
    pub const fn wants_mouse(self) -> bool {
        self.mouse_click || self.mouse_drag || self.mouse_motion
    }
}

/// The bytes of a key.
pub fn bytes_of(stroke: Stroke, modes: Modes) -> Vec<u8> {
    let Stroke { key, ctrl, alt, shift } = stroke;
    let modifier = 1 + u8::from(shift) + 2 * u8::from(alt) + 4 * u8::from(ctrl);
    let cursor = |last: char| match (modifier, modes.app_cursor) {
        (1, false) => format!("\u{1b}[{last}"),
        (1, true) => format!("\u{1b}O{last}"),
        _ => format!("\u{1b}[1;{modifier}{last}"),
    };
    let tilde = |number: u8| match modifier {
        1 => format!("\u{1b}[{number}~"),
        _ => format!("\u{1b}[{number};{modifier}~"),
    };
    let alone = |text: &str| if alt { format!("\u{1b}{text}") } else { text.to_owned() };
    let text = match key {
        StrokeKey::Char(c) if ctrl => match control_of(c) {
            Some(control) => alone(&control.to_string()),
            None => alone(&c.to_string()),
        },
        StrokeKey::Char(c) => alone(&c.to_string()),
        StrokeKey::Enter => alone(if modes.newline { "\r\n" } else { "\r" }),
        StrokeKey::Esc => alone("\u{1b}"),
        StrokeKey::Tab if shift => "\u{1b}[Z".to_owned(),
        StrokeKey::Tab => alone("\t"),
        StrokeKey::BackTab => "\u{1b}[Z".to_owned(),
        StrokeKey::Backspace => alone(if ctrl { "\u{8}" } else { "\u{7f}" }),
        StrokeKey::Insert => tilde(2),
        StrokeKey::Delete => tilde(3),
        StrokeKey::PageUp => tilde(5),
        StrokeKey::PageDown => tilde(6),
        StrokeKey::Up => cursor('A'),
        StrokeKey::Down => cursor('B'),
        StrokeKey::Right => cursor('C'),
        StrokeKey::Left => cursor('D'),
        StrokeKey::Home => cursor('H'),
        StrokeKey::End => cursor('F'),
        StrokeKey::F(number @ 1..=4) => {
            let last = char::from(b'O' + number);
            match modifier {
                1 => format!("\u{1b}O{last}"),
                _ => format!("\u{1b}[1;{modifier}{last}"),
            }
        }
        StrokeKey::F(number @ 5..=20) => {
            // The numbers of the VT220 have gaps.
            const NUMBERS: [u8; 16] =
                [15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34];
            NUMBERS.get(usize::from(number - 5)).map_or_else(String::new, |n| tilde(*n))
        }
        StrokeKey::F(_) => String::new(),
    };
    text.into_bytes()
}

/// The control character of Ctrl and a character.
fn control_of(c: char) -> Option<char> {
    let code = match c {
        'a'..='z' => u32::from(c) - 0x60,
        'A'..='Z' => u32::from(c) - 0x40,
        '@' | ' ' | '2' => 0,
        '[' | '3' => 0x1b,
        '\\' | '4' => 0x1c,
        ']' | '5' => 0x1d,
        '^' | '6' => 0x1e,
        '_' | '/' | '7' => 0x1f,
        '?' | '8' => 0x7f,
        _ => return None,
    };
    char::from_u32(code)
}

/// The bytes of pasted text. Line ends become what Enter sends; other control
/// characters are left out, so that a paste can neither end its own brackets
/// nor press keys.
pub fn bytes_of_paste(text: &str, modes: Modes) -> Vec<u8> {
    let text = text.replace("\r\n", "\n");
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
        .map(|c| if c == '\n' { '\r' } else { c })
        .collect();
    if modes.bracketed_paste {
        return format!("\u{1b}[200~{clean}\u{1b}[201~").into_bytes();
    }
    clean.into_bytes()
}

/// The bytes of a prepared line: typed, never entered. Only its first line,
/// without control characters.
pub fn bytes_of_line(text: &str) -> Vec<u8> {
    let line = text.lines().next().unwrap_or("");
    line.chars().filter(|c| !c.is_control()).collect::<String>().into_bytes()
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseAct {
    /// A button went down: 0 left, 1 middle, 2 right.
    Down(u8),
    /// A button went up.
    Up(u8),
    /// Moved with that button held.
    Drag(u8),
    /// Moved without a button.
    Move,
    /// The wheel was turned; positive is down.
    Wheel(i8),
}

/// Where in the grid it did so, from 0, and with which modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MouseAt {
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
    /// Whether Shift was held.
    pub shift: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Ctrl was held.
    pub ctrl: bool,
}

/// The bytes of the mouse; empty where the program does not want them.
pub fn bytes_of_mouse(act: MouseAct, at: MouseAt, modes: Modes) -> Vec<u8> {
    if let (MouseAct::Wheel(by), false) = (act, modes.wants_mouse()) {
        if !modes.wheel_is_arrows {
            return Vec::new();
        }
        let key = if by < 0 { StrokeKey::Up } else { StrokeKey::Down };
        return bytes_of(Stroke::plain(key), modes).repeat(3);
    }
    let is_wanted = match act {
        MouseAct::Down(_) | MouseAct::Up(_) | MouseAct::Wheel(_) => modes.wants_mouse(),
        MouseAct::Drag(_) => modes.mouse_drag || modes.mouse_motion,
        MouseAct::Move => modes.mouse_motion,
    };
    if !is_wanted {
        return Vec::new();
    }
    let (button, is_up) = match act {
        MouseAct::Down(button) => (button, false),
        MouseAct::Up(button) => (button, true),
        MouseAct::Drag(button) => (button + 32, false),
        MouseAct::Move => (35, false),
        MouseAct::Wheel(by) => (if by < 0 { 64 } else { 65 }, false),
    };
    let with = 4 * u8::from(at.shift) + 8 * u8::from(at.alt) + 16 * u8::from(at.ctrl);
    let (column, row) = (u32::from(at.column) + 1, u32::from(at.row) + 1);
    if modes.mouse_sgr {
        let last = if is_up { 'm' } else { 'M' };
        return format!("\u{1b}[<{};{column};{row}{last}", button + with).into_bytes();
    }
    // The old encoding has no place for what is far to the right; 255 is the byte that leaves virsh.
    let byte = |at: u32| u8::try_from(at + 32).ok().filter(|byte| *byte < u8::MAX);
    let (Some(column), Some(row)) = (byte(column), byte(row)) else {
        return Vec::new();
    };
    let button = if is_up { 3 } else { button };
    vec![0x1b, b'[', b'M', 32 + button + with, column, row]
}
