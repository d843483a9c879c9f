//! Consoles: sessions, the emulator's grid, scrollback, keys as bytes.
