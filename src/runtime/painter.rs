//! From a drawn buffer to the terminal: only the cells that changed, in one write.

use std::io::{self, Write};

use crossterm::QueueableCommand as _;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Writes frames. It keeps what is on screen and sends differences; ratatui's
/// own `Terminal` is not used because its `clear` asks the terminal where the
/// cursor is and waits, which a serial line may never answer.
pub struct Painter<W: Write> {
    backend: CrosstermBackend<W>,
    shown: Buffer,
    is_synchronized: bool,
}

impl<W: Write> Painter<W> {
    /// A painter for a terminal of which nothing is known to be on screen.
    /// `is_synchronized` wraps frames in synchronized updates, which old
    /// terminals print as rubbish.
    pub fn new(out: W, is_synchronized: bool) -> Painter<W> {
        Painter {
            backend: CrosstermBackend::new(out),
            shown: Buffer::empty(Rect::ZERO),
            is_synchronized,
        }
    }

    /// Puts a frame on screen.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn paint(&mut self, next: Buffer) -> io::Result<()> {
        if self.shown.area != next.area {
            self.backend.queue(Clear(ClearType::All))?;
            self.shown = Buffer::empty(next.area);
        }
        let changed = self.shown.diff(&next);
        if !changed.is_empty() {
            if self.is_synchronized {
                self.backend.queue(BeginSynchronizedUpdate)?;
            }
            self.backend.draw(changed.into_iter())?;
            if self.is_synchronized {
                self.backend.queue(EndSynchronizedUpdate)?;
            }
        }
        Write::flush(&mut self.backend)?;
        self.shown = next;
        Ok(())
    }

    /// Forgets what is on screen, so that the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
    }

    /// Sends bytes that are not part of a frame (bell, clipboard).
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, bytes: &str) -> io::Result<()> {
        self.backend.write_all(bytes.as_bytes())?;
        Write::flush(&mut self.backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Buffer {
        Buffer::with_lines([text])
    }

    #[test]
    fn an_unchanged_frame_sends_nothing() {
        let mut sent = Vec::new();
        {
            let mut painter = Painter::new(&mut sent, false);
            painter.paint(frame("ceph  ok")).unwrap();
            painter.paint(frame("ceph  ok")).unwrap();
        }
        let text = String::from_utf8(sent).unwrap();
        assert_eq!(text.matches("ceph").count(), 1, "{text:?}");
    }

    #[test]
    fn only_changed_cells_are_sent_and_a_forgotten_screen_is_sent_whole() {
        let mut sent = Vec::new();
        {
            let mut painter = Painter::new(&mut sent, false);
            painter.paint(frame("ceph  ok")).unwrap();
            painter.paint(frame("ceph  no")).unwrap();
            painter.forget();
            painter.paint(frame("ceph  no")).unwrap();
        }
        let text = String::from_utf8(sent).unwrap();
        assert_eq!(text.matches("ceph").count(), 2, "{text:?}");
    }
}
