use super::BATCHES;
use crate::domain::Report;
use crate::probes::documented::SectionAnswer;

/// Whatever a command prints, its reader ends, and keeps nothing that a
/// terminal would act on.
#[test]
fn readers_survive_hostile_answers() {
    let hostile = [
        "",
        "\u{1b}]0;owned\u{7}",
        "{\"items\":[{\"metadata\":{\"name\":\"\u{1b}[2J\"},\"status\":{\"state\":[]}}]}",
        "{\"items\":[null,1,\"x\",[],{}]}",
        "a\tb\tc\td\te\t{\"state\":{\"interfaces\":{\"\\u001b[2J\":{\"enabled\":true}}}}",
        "{\"neighbors\":{\"x\":{\"y\":null}}}",
        "switch \u{9b}2J\nactive\nlevel=ERROR \u{1b}[31m",
    ];
    let mut facts = 0;
    for section in BATCHES.iter().flat_map(|batch| batch.sections) {
        for stdout in hostile {
            for status in [0, 1] {
                let mut report = Report::default();
                let answer = SectionAnswer { stdout, stderr: stdout, status };
                let _ = (section.read)(&answer, &mut report);
                // Written out, a backslash of the text itself is two.
                let kept = serde_json::to_string(&report).unwrap().replace("\\\\", "");
                assert!(
                    !kept.contains("\\u001b") && !kept.contains('\u{9b}'),
                    "{}: {kept}",
                    section.name
                );
                facts += report.facts.len();
            }
        }
    }
    assert!(facts > 10);
}
