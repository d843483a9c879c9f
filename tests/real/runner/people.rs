//! Watchers, the pen, and prompts.

use std::time::Duration;

use shopfloor::runner::protocol::{Answer, Frame, Request, Standing};
use zeroize::Zeroizing;

use super::bench::{Bench, PATIENCE, reply, until};

fn typed(text: &str) -> Frame {
    Frame::Input(Zeroizing::new(text.as_bytes().to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_prompt_reaches_the_child_and_nothing_else() {
    let bench = Bench::new();
    let run = bench.script(
        "stty -echo; printf 'Vault password: '; read secret; stty echo; echo; echo got ${#secret} characters; \
         printf 'Type: '; read line; echo line is $line",
    );
    let document = bench.wait_for(run, "waiting");
    assert_eq!(document["waits_for"]["name"], "vault-password");
    assert_eq!(document["waits_for"]["text"], "Vault password:");
    let greeting = bench.run(&["greet"]);
    assert!(String::from_utf8_lossy(&greeting.stdout).contains("run 1 goes on and WAITS FOR YOU"));
    let mut client = bench.connect(run, "eve", None).await;
    let seq = standing(&bench, run);
    client.send(&answer(seq, true, "hunter2-hunter2")).await.unwrap();
    let answer = reply(&mut client).await;
    assert_eq!(answer.standing, Standing::Done, "{}", answer.sentence);
    bench.wait_for_text(run, "got 15 characters");
    assert!(
        bench
            .journal(run)
            .contains(r#""what":"prompt-answered","name":"vault-password","by":{"name":"eve""#)
    );
    // Where the terminal shows what is typed, or nothing is asked, no answer is passed on.
    client.send(&self::answer(seq, true, "hunter2-hunter2")).await.unwrap();
    let refused = reply(&mut client).await;
    assert_eq!(refused.standing, Standing::Refused);
    let kept = bench.everything_kept();
    assert!(!kept.windows(7).any(|part| part == b"hunter2"), "the secret was kept");
    client.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut client).await.standing, Standing::Done);
    client.send(&typed("hello\r")).await.unwrap();
    bench.wait_for(run, "done");
    bench.wait_for_text(run, "line is hello");
}

fn answer(prompt: u64, is_hidden: bool, text: &str) -> Frame {
    Frame::Answer(Answer { prompt, is_hidden, bytes: Zeroizing::new(text.as_bytes().to_vec()) })
}

/// The prompt that the run waits at.
fn standing(bench: &Bench, run: u64) -> u64 {
    bench.known(run).run.prompt.unwrap().seq
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_for_one_prompt_never_reaches_the_next() {
    let bench = Bench::new();
    let run = bench.start(&[
        "bash",
        "-c",
        "stty -echo; printf 'Vault password: '; read -t 3 secret; stty echo; \
         printf '\\nAre you sure you want to continue connecting (yes/no/[fingerprint])? '; read line; \
         stty -echo; printf 'Vault password: '; read secret; echo line $line and ${#secret} characters",
    ]);
    bench.wait_for(run, "waiting");
    let (first, mut client) = (standing(&bench, run), bench.connect(run, "eve", None).await);
    let next = |name: &'static str| {
        until(name, || bench.known(run).run.prompt.filter(|prompt| prompt.name == name))
    };
    let question = next("host-key");
    assert!(!question.hides);
    // Typed for the prompt that timed out, and typed unseen where it would be shown.
    for (prompt, why) in [(first, "asks for something else now"), (question.seq, "would show")] {
        client.send(&answer(prompt, true, "hunter2-hunter2")).await.unwrap();
        let refused = reply(&mut client).await;
        assert_eq!(refused.standing, Standing::Refused);
        assert!(refused.sentence.contains(why), "{}", refused.sentence);
    }
    client.send(&answer(question.seq, false, "yes")).await.unwrap();
    let given = reply(&mut client).await;
    assert_eq!(given.standing, Standing::Done, "{}", given.sentence);
    // The same name again is another prompt.
    let last = next("vault-password");
    client.send(&answer(first, true, "hunter2-hunter2")).await.unwrap();
    assert_eq!(reply(&mut client).await.standing, Standing::Refused);
    client.send(&answer(last.seq, true, "secret")).await.unwrap();
    assert_eq!(reply(&mut client).await.standing, Standing::Done);
    bench.wait_for_text(run, "line yes and 6 characters");
    assert!(!bench.everything_kept().windows(7).any(|part| part == b"hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pen_is_asked_for_kept_given_and_taken_from_the_silent() {
    let bench = Bench::new();
    let run = bench.script("while read line; do echo \"$line\"; stty size; done");
    let (mut eve, mut bob) =
        (bench.connect(run, "eve", None).await, bench.connect(run, "bob", None).await);
    bob.send(&typed("nobody may\r")).await.unwrap();
    assert_eq!(reply(&mut bob).await.sentence, "nobody has the pen; take it first");
    eve.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut eve).await.sentence, "you have the pen");
    eve.send(&typed("mine\r")).await.unwrap();
    bench.wait_for_text(run, "30 100");
    bob.send(&typed("not mine\r")).await.unwrap();
    assert!(reply(&mut bob).await.sentence.starts_with("eve (root) has the pen"));
    bob.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut bob).await.standing, Standing::Open);
    until("eve is asked", || bench.journal(run).contains("pen-asked").then_some(()));
    eve.send(&Frame::Request(Request::GivePen { yes: false })).await.unwrap();
    let kept = reply(&mut bob).await;
    assert_eq!(
        (kept.standing, kept.sentence.as_str()),
        (Standing::Refused, "eve (root) keeps the pen")
    );
    bob.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut bob).await.standing, Standing::Open);
    // Eve says nothing; the run was started with a short wait.
    assert_eq!(reply(&mut bob).await.sentence, "you have the pen");
    assert!(reply(&mut eve).await.sentence.starts_with("bob (root) has the pen now"));
    let journal = bench.journal(run);
    for what in ["pen-asked", "pen-refused", "\"silent\":true"] {
        assert!(journal.contains(what), "{what}");
    }
    drop(bob);
    until("it is free", || bench.journal(run).contains("pen-released").then_some(()));
    drop(eve);
    let mut ann = bench.connect(run, "ann", None).await;
    ann.send(&Frame::Request(Request::TakePen)).await.unwrap();
    reply(&mut ann).await;
    ann.send(&typed("\u{4}")).await.unwrap();
    bench.wait_for(run, "done");
    assert!(!String::from_utf8_lossy(&bench.output(run)).contains("not mine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_does_not_read_slows_nobody() {
    let bench = Bench::new();
    let run = bench.script("read go; head -c 30000000 /dev/zero | tr '\\0' y; echo the end");
    let idle = bench.connect(run, "idle", Some(0)).await;
    let mut eve = bench.connect(run, "eve", Some(0)).await;
    eve.send(&Frame::Request(Request::TakePen)).await.unwrap();
    eve.send(&typed("go\r")).await.unwrap();
    let mut shown = Vec::new();
    let reading = async {
        loop {
            match eve.next().await {
                Some(Frame::Output(offset, bytes)) => {
                    assert_eq!(offset, shown.len() as u64, "in order, without a hole");
                    shown.extend(bytes);
                }
                Some(Frame::End) | None => return,
                Some(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE + Duration::from_secs(60), reading).await.expect("the end");
    assert_eq!(shown, bench.output(run));
    assert!(shown.ends_with(b"the end\r\n"));
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_begins_where_it_wants() {
    let bench = Bench::new();
    let run = bench.script("echo 0123456789; read go");
    bench.wait_for_text(run, "789");
    let mut late = bench.connect(run, "eve", Some(4)).await;
    loop {
        if let Some(Frame::Output(offset, bytes)) = late.next().await {
            assert_eq!((offset, bytes.as_slice()), (4, b"456789\r\n".as_slice()));
            break;
        }
    }
    until("it is noted", || bench.journal(run).contains("watcher-came").then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_has_its_own_size_again_when_the_last_watcher_is_gone() {
    let bench = Bench::new();
    let run =
        bench.script("trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.05; done");
    bench.wait_for_text(run, "ready");
    let (mut eve, bob) =
        (bench.connect(run, "eve", None).await, bench.connect(run, "bob", None).await);
    eve.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut eve).await.standing, Standing::Done);
    bench.wait_for_text(run, "30 100");
    eve.send(&Frame::Request(Request::Resize { columns: 120, rows: 40 })).await.unwrap();
    bench.wait_for_text(run, "40 120");
    // Somebody still watches at that size; whoever looks at it sees what was written for it.
    drop(eve);
    until("the pen is free", || bench.journal(run).contains("pen-released").then_some(()));
    tokio::time::sleep(Duration::from_millis(600)).await;
    let sizes = |text: Vec<u8>| {
        let text = String::from_utf8(text).unwrap();
        text.lines().map(|line| line.trim().to_owned()).filter(|l| l != "ready").collect::<Vec<_>>()
    };
    assert_eq!(sizes(bench.output(run)), ["60 200", "30 100", "40 120"]);
    drop(bob);
    until("the fixed size", || {
        (sizes(bench.output(run)) == ["60 200", "30 100", "40 120", "60 200"]).then_some(())
    });
    bench.run(&["run", "stop", "1", "--yes", "--level", "kill", "--as", "eve"]);
}
