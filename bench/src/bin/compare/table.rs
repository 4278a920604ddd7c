//! Results as they come in: rows are contestants, columns are cases.

use std::collections::BTreeMap;

pub struct Table {
    /// What the numbers are: MB/s, or ns.
    pub unit: &'static str,
    pub columns: Vec<String>,
    pub rows: Vec<&'static str>,
    cells: BTreeMap<(&'static str, String), Cell>,
}

#[derive(Clone, Copy)]
struct Cell {
    value: f64,
    /// Everything that is in the corpus was found.
    complete: bool,
}

impl Table {
    pub fn new(unit: &'static str) -> Self {
        Self {
            unit,
            columns: Vec::new(),
            rows: Vec::new(),
            cells: BTreeMap::new(),
        }
    }

    pub fn put(&mut self, row: &'static str, column: &str, value: f64, complete: bool) {
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        if !self.columns.iter().any(|known| known == column) {
            self.columns.push(column.to_owned());
        }
        self.cells
            .insert((row, column.to_owned()), Cell { value, complete });
    }

    pub fn get(&self, row: &'static str, column: &str) -> f64 {
        self.cells
            .get(&(row, column.to_owned()))
            .map_or(f64::NAN, |cell| cell.value)
    }

    /// The row with the largest number in a column, among those that `eligible` admits and that found everything.
    pub fn best(&self, column: &str, eligible: &[&'static str]) -> &'static str {
        let rated = |row: &&&'static str| {
            self.cells
                .get(&(**row, column.to_owned()))
                .is_some_and(|cell| cell.complete)
        };
        let by_value = |a: &&&'static str, b: &&&'static str| {
            self.get(a, column).total_cmp(&self.get(b, column))
        };
        eligible
            .iter()
            .filter(rated)
            .max_by(by_value)
            .copied()
            .unwrap_or("nobody")
    }

    /// Prints the table as Markdown. A star marks who did not find everything.
    pub fn print(&self, title: &str) {
        println!(
            "\n### {title} ({})\n\n| | {} |\n|---|{}",
            self.unit,
            self.columns.join(" | "),
            "---:|".repeat(self.columns.len())
        );
        for &row in &self.rows {
            let cells =
                self.columns
                    .iter()
                    .map(|column| match self.cells.get(&(row, column.clone())) {
                        Some(cell) => {
                            format!("{:.0}{}", cell.value, if cell.complete { "" } else { "*" })
                        }
                        None => String::new(),
                    });
            println!("| {row} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }
}
