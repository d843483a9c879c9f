//! What a program prints into a console.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::console::Grid;

fuzz_target!(|bytes: &[u8]| {
    let mut grid = Grid::new(40, 12, 200);
    let Some((&seed, bytes)) = bytes.split_first() else { return };
    for (number, piece) in bytes.chunks(usize::from(seed % 61) + 1).enumerate() {
        grid.feed(piece);
        if number % 7 == 3 {
            grid.resize(u16::from(piece[0]) % 120, u16::from(seed) % 50);
        }
        assert!(grid.take_answers().len() <= 16 * 1024);
    }
    let shown = grid.screen();
    assert_eq!(shown.len(), grid.rows());
    for row in &shown {
        assert!(row.runs.iter().all(|run| !run.text.chars().any(char::is_control)));
    }
    let _ = (grid.text(50), grid.find("a"), grid.visible_text(), grid.cursor());
    assert!(!grid.title().chars().any(char::is_control));
    grid.settle();
    assert!(!grid.is_full_screen());
});
