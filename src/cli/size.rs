//! Sizes on the command line: `160x48`.

use crate::app::model::Size;

/// Reads columns and rows.
///
/// # Errors
/// A sentence when the text is no size between 1x1 and 500x200.
pub fn parse(text: &str) -> Result<Size, String> {
    let wrong =
        || format!("`{text}` is no size; write columns and rows as 160x48, at most 500x200");
    let (columns, rows) = text.split_once(['x', 'X']).ok_or_else(wrong)?;
    let columns = columns.trim().parse().map_err(|_| wrong())?;
    let rows = rows.trim().parse().map_err(|_| wrong())?;
    if (1..=500).contains(&columns) && (1..=200).contains(&rows) {
        Ok(Size::new(columns, rows))
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_columns_by_rows() {
        assert_eq!(parse("160x48"), Ok(Size::new(160, 48)));
        for wrong in ["", "80", "x", "0x24", "80x0", "900x20", "axb"] {
            assert!(parse(wrong).unwrap_err().contains("160x48"), "{wrong}");
        }
    }
}
