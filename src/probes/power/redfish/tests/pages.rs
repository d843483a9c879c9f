//! Event logs that come in pages.

use serde_json::{Value, json};

use super::{TestServer, controller, fact, facts, parse, probe, reach};
use crate::domain::{CauseWord, Report, Value as FactValue};
use crate::probes::Probe;

const ENTRIES: &str = "/redfish/v1/Systems/1/LogServices/SEL/Entries";
const PAGE: usize = 5;

/// Entry number `n` of a log, one an hour; entry `bad` is critical.
fn entry(n: usize, bad: usize) -> Value {
    let created = format!("2026-11-{:02}T{:02}:00:00Z", 1 + n / 24, n % 24);
    let severity = if n == bad { "Critical" } else { "OK" };
    json!({"Created": created, "Severity": severity, "Message": format!("entry {n}")})
}

/// A log of `length` entries in the order of `order`, laid out in pages.
fn lay(server: &TestServer, order: &[usize], bad: usize, counted: bool, shown: usize) {
    let mut pages = server.pages.lock().unwrap();
    for start in 0..order.len() {
        let end = (start + PAGE).min(order.len()).min(shown);
        if start > end {
            break;
        }
        let members: Vec<Value> = order[start..end].iter().map(|n| entry(*n, bad)).collect();
        let mut page = json!({ "Members": members });
        if counted {
            page["Members@odata.count"] = order.len().into();
        }
        if end < order.len() && end < shown {
            page["Members@odata.nextLink"] = format!("{ENTRIES}?$skip={end}").into();
        }
        let path = match start {
            0 => ENTRIES.to_owned(),
            _ => format!("{ENTRIES}?$skip={start}"),
        };
        pages.insert(path, (200, page.to_string()));
    }
}

fn critical(report: &Report) -> Vec<String> {
    match fact(report, "redfish.events_critical") {
        Some(FactValue::Table(table)) => {
            table.rows.iter().map(|row| table.cell(row, "what").to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn unread(report: &Report) -> bool {
    let lost = report.lost.iter().find(|(key, _)| key.as_str() == "redfish.events_critical");
    lost.is_some_and(|(_, cause)| cause.word == CauseWord::TooLarge)
}

/// Requests of a look for pages of the log.
fn asked(server: &TestServer) -> usize {
    let heads = server.heads.lock().unwrap();
    heads.iter().filter(|head| head.contains("/Entries")).count()
}

async fn look(order: &[usize], bad: usize, counted: bool, shown: usize) -> (Report, usize) {
    let server = controller().await;
    lay(&server, order, bad, counted, shown);
    let report = facts(probe(&server).ask(&reach()).await);
    (report, asked(&server))
}

#[tokio::test]
async fn every_page_of_a_short_log_is_read() {
    let order: Vec<usize> = (0..23).collect();
    for counted in [true, false] {
        let (report, requests) = look(&order, 22, counted, 99).await;
        assert_eq!(critical(&report), ["entry 22"], "the last page counts too");
        assert_eq!(fact(&report, "redfish.events"), Some(FactValue::Number(23.0)));
        assert_eq!((report.lost.len(), requests), (0, 5));
    }
}

#[tokio::test]
async fn of_a_long_log_the_newest_are_read_whatever_comes_first() {
    let oldest_first: Vec<usize> = (0..200).collect();
    let newest_first: Vec<usize> = (0..200).rev().collect();
    for order in [oldest_first, newest_first] {
        let (report, requests) = look(&order, 198, true, 999).await;
        assert_eq!(critical(&report), ["entry 198"]);
        assert_eq!(fact(&report, "redfish.events"), Some(FactValue::Number(200.0)));
        assert_eq!((unread(&report), requests), (false, 8), "no more than eight pages");
    }
}

#[tokio::test]
async fn newest_entries_that_stay_unread_are_trouble() {
    // Without a count nobody knows where the end is.
    let oldest_first: Vec<usize> = (0..200).collect();
    let (report, requests) = look(&oldest_first, 198, false, 999).await;
    assert_eq!((unread(&report), requests), (true, 8));
    assert_eq!(fact(&report, "redfish.events"), None);
    // A service that lists fewer than it counts, and no next page.
    let (report, _) = look(&oldest_first, 198, true, PAGE).await;
    assert!(unread(&report), "{report:?}");
    // A next page that leads back to itself ends.
    let server = controller().await;
    lay(&server, &oldest_first, 198, false, 999);
    let again = json!({"Members": [entry(1, 0)], "Members@odata.nextLink": ENTRIES}).to_string();
    server.pages.lock().unwrap().insert(ENTRIES.into(), (200, again));
    let report = facts(probe(&server).ask(&reach()).await);
    assert_eq!((unread(&report), asked(&server)), (true, 2));
}

#[test]
fn links_to_pages_lead_nowhere_else() {
    let next = |link: Value| parse::next_page(&json!({"Members@odata.nextLink": link}));
    assert_eq!(next("/redfish/v1/a?$skip=5".into()).as_deref(), Some("/redfish/v1/a?$skip=5"));
    assert_eq!(next(json!({"@odata.id": "/redfish/v1/b"})).as_deref(), Some("/redfish/v1/b"));
    for elsewhere in ["https://other/redfish", "", "redfish", "/a b", "/a\\b"] {
        assert_eq!(next(elsewhere.into()), None, "{elsewhere}");
    }
    assert_eq!(parse::skipping("/a?$skip=50&x=1", 7).as_deref(), Some("/a?$skip=7&x=1"));
    assert_eq!(parse::skipping("/a?%24skip=50", 700).as_deref(), Some("/a?%24skip=700"));
    assert_eq!(parse::skipping("/a?page=2", 7), None);
    assert_eq!(parse::skipping("/a?skip=", 7), None);
}
