//! `shopfloor man` and `shopfloor completions`: made from the same description as the arguments.

use std::io::{self, Write};

use clap::CommandFactory as _;

use super::{Cli, exit, print};

/// The manual page, with the exit statuses that scripts rely on.
///
/// # Errors
/// When the writer fails.
pub fn manual(out: &mut dyn Write) -> io::Result<()> {
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands() {
        writeln!(out, ".SH \"SHOPFLOOR {}\"", sub.get_name().to_uppercase())?;
        if let Some(about) = sub.get_about() {
            writeln!(out, "{about}")?;
        }
        for arg in sub.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help")
        {
            writeln!(
                out,
                ".TP\n{}\n{}",
                name_of(arg),
                arg.get_help().map(ToString::to_string).unwrap_or_default()
            )?;
        }
    }
    writeln!(
        out,
        ".SH \"EXIT STATUS\"\n\
         Of check: 0 pass, 1 warn, 2 fail, 3 unknown, 4 wrong usage or own trouble.\n\
         Of every other command: 0 done, 1 it found what it looks for (a problem in a file, a difference), \
         4 wrong usage or own trouble, 6 refused.\n\
         .SH FILES\n\
         DIR/inventory.yml, DIR/shopfloor.yml, DIR/checks/; $XDG_CONFIG_HOME/shopfloor/ for keys, look and \
         themes; $XDG_STATE_HOME/shopfloor/ for recordings, saved screens and crash reports."
    )
}

fn name_of(arg: &clap::Arg) -> String {
    match arg.get_long() {
        Some(long) => format!("--{long}"),
        None => arg.get_id().to_string().to_uppercase(),
    }
}

/// Completions for a shell.
pub fn completions(shell: clap_complete::Shell, out: &mut dyn Write) {
    clap_complete::generate(shell, &mut Cli::command(), "shopfloor", out);
}

/// Prints the manual page.
///
/// # Errors
/// When the output refuses.
pub fn print_manual() -> Result<u8, String> {
    let mut page = Vec::new();
    manual(&mut page).map_err(|error| error.to_string())?;
    print::text(&String::from_utf8_lossy(&page))?;
    Ok(exit::DONE)
}

/// Prints completions.
///
/// # Errors
/// When the output refuses.
pub fn print_completions(shell: clap_complete::Shell) -> Result<u8, String> {
    let mut script = Vec::new();
    completions(shell, &mut script);
    print::text(&String::from_utf8_lossy(&script))?;
    Ok(exit::DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_manual_names_every_subcommand_and_the_exit_statuses() {
        let mut page = Vec::new();
        manual(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for sub in Cli::command().get_subcommands() {
            assert!(page.contains(&sub.get_name().to_uppercase()), "{}", sub.get_name());
        }
        assert!(page.contains("3 unknown"));
    }

    #[test]
    fn completions_exist_for_the_common_shells() {
        for shell in
            [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish]
        {
            let mut out = Vec::new();
            completions(shell, &mut out);
            assert!(String::from_utf8(out).unwrap().contains("inventory"));
        }
    }
}
