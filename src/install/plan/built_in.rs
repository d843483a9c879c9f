//! The files of plans that come with the program.

/// The files named, with their text, directly in `assets/plans/`.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/plans/", $name)))),*]
    };
}

/// Plans, phases, interlocks and duties. A new file is one line here.
pub const FILES: &[(&str, &str)] = files![];

/// Scripts. A new one is one line here.
pub const SCRIPTS: &[(&str, &str)] = files![];
