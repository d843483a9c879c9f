use super::fetched::{fetched, header, named};
use crate::probes::hosts::parse::Trouble;

#[test]
fn answers_over_http_come_apart() {
    let text =
        "@get one\n{\"a\": \"@http 1\"}\n@http 200\n@curl 0\n@get two\n\n@http 000\n@curl 7\n";
    let all = fetched(text).unwrap();
    let one = named(&all, "one").unwrap();
    assert_eq!(one.good(), Some("{\"a\": \"@http 1\"}"));
    let two = named(&all, "two").unwrap();
    assert_eq!(
        (two.good(), two.status, two.said().as_str()),
        (None, 0, "the connection is refused")
    );
    assert!(matches!(two.body_of("x"), Err(Trouble::Status)));
    assert_eq!(named(&all, "three"), None);
}

#[test]
fn without_curl_nothing_is_known() {
    assert!(matches!(fetched("@get one\n\n@curl 127\n"), Err(Trouble::Status)));
    for text in ["", "garbage", "@get one\nhello", "@get one\n@http x\n@curl 0\n"] {
        assert!(matches!(fetched(text), Err(Trouble::Format(_))), "{text}");
    }
}

#[test]
fn headers_are_found_whatever_their_case() {
    let headers = "HTTP/2 200\r\nX-OAuth-Scopes: read:packages\r\n";
    assert_eq!(header(headers, "x-oauth-scopes"), Some("read:packages"));
    assert_eq!(header(headers, "location"), None);
}
