use super::*;

const REFERENCE: &str = include_str!("../../../tests/fixtures/reference/inventory.md");
const PROCEDURE: &str = include_str!("../../../tests/fixtures/reference/procedure.md");

fn cells(row: &str) -> Vec<String> {
    row.trim()
        .trim_start_matches('|')
        .trim_end_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// Rows of the tables in sections `from..=to`, without heads.
fn rows(from: u32, to: u32) -> Vec<Vec<String>> {
    let mut section = 0;
    let mut rows = Vec::new();
    for line in REFERENCE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(section);
        }
        let is_row = line.starts_with('|') && !line.starts_with("|-");
        if (from..=to).contains(&section) && is_row {
            let row = cells(line);
            if row[0] != "Variable" && row[0] != "Rule" {
                rows.push(row);
            }
        }
    }
    rows
}

#[test]
fn every_row_of_the_tables_is_there_and_the_same() {
    let catalogue = Catalogue::shipped().unwrap();
    let rows = rows(2, 15);
    assert_eq!(rows.len(), 297);
    assert_eq!(catalogue.variables().len(), rows.len());
    for (row, variable) in rows.iter().zip(catalogue.variables()) {
        let name = row[0].replace('`', "");
        let ours = [
            &variable.name,
            &variable.kind,
            &variable.default,
            &variable.required,
            &variable.step,
            &variable.secret,
            &variable.rule,
            &variable.source,
        ];
        let theirs: Vec<&String> = std::iter::once(&name).chain(&row[1..]).collect();
        assert_eq!(ours.as_slice(), theirs.as_slice());
    }
}

#[test]
fn every_rule_of_section_16_is_there_and_the_same() {
    let catalogue = Catalogue::shipped().unwrap();
    let rows = rows(16, 16);
    assert_eq!(rows.len(), 67);
    let vendor = catalogue.rules().iter().filter(|rule| {
        let number: u32 = rule.id.rsplit('-').next().unwrap().parse().unwrap();
        number < 50
    });
    let ours: Vec<Vec<String>> = vendor
        .map(|rule| {
            vec![rule.id.clone(), rule.severity.clone(), rule.step.clone(), rule.text.clone()]
        })
        .collect();
    assert_eq!(ours, rows);
}

#[test]
fn the_steps_are_those_of_the_procedure_in_its_order() {
    let theirs: Vec<&str> = PROCEDURE
        .lines()
        .filter_map(|line| line.strip_prefix("- id: "))
        .filter(|id| !id.starts_with("IL-"))
        .collect();
    assert_eq!(Catalogue::shipped().unwrap().steps(), theirs);
    assert_eq!(theirs.len(), 117);
}

#[test]
fn every_step_of_a_rule_is_a_step_of_the_procedure() {
    let catalogue = Catalogue::shipped().unwrap();
    for rule in catalogue.rules() {
        if let Some(step) = rule.first_step() {
            assert!(catalogue.steps().iter().any(|known| known == step), "{}: {step}", rule.id);
        }
    }
}

#[test]
fn steps_are_reached_in_the_order_of_the_procedure() {
    let catalogue = Catalogue::shipped().unwrap();
    assert!(catalogue.reached(Some("HW-4P.5"), Some("HW-5.0")));
    assert!(catalogue.reached(Some("HW-5.0"), Some("HW-5.0")));
    assert!(!catalogue.reached(Some("HW-5.1"), Some("HW-5.0")));
    assert!(catalogue.reached(None, Some("HW-1.1")));
    assert!(catalogue.reached(Some("RB-MIG"), None));
    assert!(!catalogue.reached(Some("RB-MIG"), Some("PC-10")));
}

#[test]
fn a_catalogue_with_an_unknown_word_is_refused() {
    let row = |kind: &str, check: &str| {
        format!(
            "variables: [{{name: x, type: {kind}, default: '-', required: 'no', step: '-', rule: '-', source: D, check: {check:?}}}]"
        )
    };
    assert!(Catalogue::parse(&row("str", ""), "rules: []", "steps: []").is_ok());
    assert!(Catalogue::parse(&row("string", ""), "rules: []", "steps: []").is_err());
    assert!(Catalogue::parse(&row("str", "nonsense"), "rules: []", "steps: []").is_err());
}
