//! What the operator sees and does.

use std::time::Duration;

use crate::pty::{ESC, Home, SHOPFLOOR, Terminal, demo, settled};

#[tokio::test]
async fn look_filter_palette_help_resize_and_leave() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "xterm-256color");
    let before = terminal.line_settings();
    settled(&mut terminal).await;
    assert_ne!(terminal.line_settings(), before, "raw mode while the screen is open");

    terminal.keys("2").await;
    terminal.see("[2Rack]").await;
    terminal.keys("1").await;
    terminal.see("[1Over]").await;

    // A filter hides every layer but one, Esc shows them again.
    terminal.keys("/").await;
    terminal.see("Enter keeps it").await;
    terminal.keys("router").await;
    terminal
        .wait("the router's row alone", |screen| {
            screen.contains("Router") && !screen.contains("Ceph  ")
        })
        .await;
    terminal.keys(ESC).await;
    terminal.see("Ceph  ").await;

    terminal.keys(":").await;
    terminal.see("Go to or run").await;
    terminal.keys("gpu-07").await;
    terminal.see(": gpu-07").await;
    terminal.keys("\r").await;
    terminal
        .wait("the page of gpu-07", |screen| {
            screen.contains("gpu-07") && !screen.contains("Go to or run")
        })
        .await;
    terminal.keys("?").await;
    terminal.see("Esc closes").await;
    terminal.keys(ESC).await;
    terminal.lose("Esc closes").await;

    for (columns, rows) in [(160, 48), (60, 15), (40, 8), (1, 1), (300, 100), (2, 90), (80, 24)] {
        terminal.resize(columns, rows);
        terminal.read(Duration::from_millis(80)).await;
    }
    terminal.keys("1").await;
    terminal.see("[1Over]").await;
    terminal.resize(52, 12);
    terminal.see("Needs 60x15").await;
    terminal.resize(80, 24);
    terminal.see("[1Over]").await;

    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_restored(&before);
    home.assert_nothing_left();
}

#[tokio::test]
async fn a_fault_appears_and_heals_without_a_key() {
    let home = Home::new();
    let mut terminal = demo(&home, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    let no_finding = |screen: &str| screen.contains(" 0 open");
    terminal.wait("no finding", no_finding).await;
    terminal.keys(":inject raid-disk\r").await;
    terminal
        .wait("the mirror of ctl-02 as a finding", |screen| {
            !no_finding(screen) && screen.contains("HOST-05  ctl-02") && screen.contains("nvme1n1")
        })
        .await;
    terminal.keys(":heal raid-disk\r").await;
    terminal.wait("no finding", no_finding).await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn without_an_inventory_the_screen_opens_and_offers_the_example() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, SHOPFLOOR, &[], (80, 24), "xterm");
    terminal.see("inventory.example.yml").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
