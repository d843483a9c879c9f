//! Lines of a recap.

/// `HOST : ok=N changed=N …`, any order, unknown counters passed over.
pub(super) struct Row<'a> {
    pub host: &'a str,
    pub ok: u32,
    pub changed: u32,
    pub unreachable: u32,
    pub failed: u32,
    pub skipped: u32,
    pub rescued: u32,
    pub ignored: u32,
}

/// The row, where the line is one.
pub(super) fn row(text: &str) -> Option<Row<'_>> {
    let mut words = text.split_whitespace();
    let host = words.next()?;
    (words.next()? == ":").then_some(())?;
    let mut row = Row {
        host,
        ok: 0,
        changed: 0,
        unreachable: 0,
        failed: 0,
        skipped: 0,
        rescued: 0,
        ignored: 0,
    };
    let mut counters = 0;
    for word in words {
        let (name, count) = word.split_once('=')?;
        let count = count.parse().ok()?;
        counters += 1;
        match name {
            "ok" => row.ok = count,
            "changed" => row.changed = count,
            "unreachable" => row.unreachable = count,
            "failed" => row.failed = count,
            "skipped" => row.skipped = count,
            "rescued" => row.rescued = count,
            "ignored" => row.ignored = count,
            _ => {}
        }
    }
    (counters > 0).then_some(row)
}
