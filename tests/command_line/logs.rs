//! `shopfloor log` without a terminal: sanitised lines, and what it refuses.

use std::process::{Command, Stdio};

use super::binary::{Home, SHOPFLOOR};

fn printed(home: &Home, args: &[&str], input: Option<&[u8]>) -> (i32, Vec<u8>, String) {
    let mut child = Command::new(SHOPFLOOR)
        .arg("log")
        .args(args)
        .current_dir(home.path(""))
        .env("XDG_STATE_HOME", home.path("state"))
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let (Some(input), Some(mut to)) = (input, child.stdin.take()) {
        use std::io::Write as _;
        to.write_all(input).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), output.stdout, said)
}

#[test]
fn lines_are_printed_without_what_a_terminal_acts_on() {
    let home = Home::new();
    home.write(
        "a.log",
        b"\x1b[31mred\x1b[0m\r\n10%\r100%\n\x1b]0;x\x07bell\x07\nno end".as_slice(),
    );
    let (status, out, said) = printed(&home, &["a.log"], None);
    assert_eq!((status, said.as_str()), (0, ""));
    assert_eq!(String::from_utf8(out).unwrap(), "red\n100%\n<OSC 0, 3 bytes>bell^G\nno end\n");
    let (status, out, _) = printed(&home, &["-"], Some(b"from\x1b[1m a pipe"));
    assert_eq!((status, out.as_slice()), (0, b"from a pipe\n".as_slice()));
    home.write("empty", b"".as_slice());
    assert_eq!(printed(&home, &["empty"], None).1, b"");
}

#[test]
fn what_cannot_be_a_log_is_one_sentence_and_four() {
    let home = Home::new();
    home.write("dir/x", b"".as_slice());
    home.write("a.xz", b"\xfd7zXZ\0rest".as_slice());
    for (args, part) in [
        (&["none"][..], "there is no file none"),
        (&["dir"], "is a directory; name a file in it"),
        (&["8"], "no run 8"),
        (&["a.xz"], "xz -dc"),
        (&["/dev/zero"], "is a device"),
        (&["-", "-"], "can be read once"),
    ] {
        let (status, out, said) = printed(&home, args, None);
        assert_eq!((status, out.len()), (4, 0), "{args:?} {said}");
        assert!(said.contains(part) && said.lines().count() == 1, "{args:?} {said}");
    }
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let home = Home::new();
    home.write("a.log", "a line of some length\n".repeat(200_000));
    let script = format!("{SHOPFLOOR} log a.log | head -n 1; exit ${{PIPESTATUS[0]}}");
    let output =
        Command::new("bash").args(["-c", &script]).current_dir(home.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, b"a line of some length\n");
}
