//! The items of one fact: the interfaces, disks, failed units or domains that a
//! list or a table holds, one row each.

use crate::domain::fact::Value;
use crate::domain::{KeyName, keys};

use super::super::columns::width;
use super::super::filter::Filter;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::target::{self, FactLine};
use super::{PanelSpec, ScreenSpec};

/// The widest column of the list, in columns of the terminal; the selected
/// item's details have the rest.
const WIDEST: usize = 40;

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "fact",
    title: "Items",
    short: "Item",
    help: "What one fact of a machine holds: its interfaces, disks, failed units, domains",
    jump_words: &[],
    digit: None,
    layer: None,
    panels: &[PanelSpec { name: "items", title: "Items", rows, is_text: false }],
    commands: &[],
    needs: None,
    is_listed: false,
    status,
};

/// One item: the names of its cells with what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Each cell under its column's name; of a list the only one.
    pub cells: Vec<(String, String)>,
}

/// Whether a fact has items to open.
pub const fn has_items(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Table(_))
}

/// The fact of the page in words; `None` when nobody tells it.
pub fn line(model: &Model) -> Option<FactLine> {
    let route = model.route();
    target::fact_line(model, &RowId::Fact(route.target.clone()?, route.fact.clone()?))
}

fn value(model: &Model) -> Option<&Value> {
    let route = model.route();
    let key: &KeyName = route.fact.as_ref()?;
    Some(&model.facts.of(route.target.as_ref()?).known.get(key)?.value)
}

/// Every item, in the order of the source.
pub fn items(model: &Model) -> Vec<Item> {
    match value(model) {
        Some(Value::List(texts)) => {
            let item = |text: &String| Item { cells: vec![("item".to_owned(), text.clone())] };
            texts.iter().map(item).collect()
        }
        Some(Value::Table(table)) => {
            let item = |row: &Vec<String>| Item {
                cells: table.columns.iter().cloned().zip(row.iter().cloned()).collect(),
            };
            table.rows.iter().map(item).collect()
        }
        _ => Vec::new(),
    }
}

/// The names of the columns with how wide each is; none for a list.
pub fn columns(model: &Model) -> Vec<(String, usize)> {
    let Some(Value::Table(table)) = value(model) else { return Vec::new() };
    let widest = |at: usize, name: &String| {
        let cells = table.rows.iter().filter_map(|row| row.get(at));
        cells.chain([name]).map(|cell| width(cell)).max().unwrap_or(0).min(WIDEST)
    };
    table.columns.iter().enumerate().map(|(at, name)| (name.clone(), widest(at, name))).collect()
}

/// The item of a row.
pub fn item(model: &Model, row: &RowId) -> Option<Item> {
    let RowId::Line(at) = row else { return None };
    items(model).into_iter().nth(*at)
}

/// A row as one line of text, for the clipboard.
pub fn text(model: &Model, row: &RowId) -> Option<String> {
    let cells = item(model, row)?.cells;
    Some(match cells.as_slice() {
        [(_, only)] => only.clone(),
        cells => {
            let cells: Vec<String> =
                cells.iter().map(|(name, cell)| format!("{name} {cell}")).collect();
            cells.join(", ")
        }
    })
}

fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let keeps = |item: &Item| {
        let cells: Vec<&str> = item.cells.iter().map(|(_, cell)| cell.as_str()).collect();
        filter.is_empty() || filter.keeps(&cells)
    };
    let all = items(model);
    (0..all.len()).filter(|at| all.get(*at).is_some_and(keeps)).map(RowId::Line).collect()
}

fn status(model: &Model) -> String {
    let (Some(about), Some(line)) = (model.route_target(), line(model)) else {
        return "Nobody tells this fact any more. [ goes back".to_owned();
    };
    let source = keys::find(line.key.as_str()).map_or("", |info| info.source);
    match &line.trouble {
        Some(trouble) => format!("{}: {}", about.name, trouble.sentence),
        None => format!("{} of {}, from {source}. t says since when", line.key, about.name),
    }
}
