//! The table of what was measured, and the same as lines of JSON.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::Write;
use std::{env, thread};

use anyhow::{Context, Result};
use serde_json::json;

/// What a figure has to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Bar {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl Display for Bar {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(to, "<= {most}"),
            Self::AtLeast(least) => write!(to, ">= {least}"),
        }
    }
}

/// What was measured, in the order of measuring.
pub(crate) struct Figures {
    rows: Vec<[String; 4]>,
    file: Option<File>,
}

impl Figures {
    /// An empty table. The file that `FIGURES` names is begun anew.
    pub(crate) fn new() -> Result<Self> {
        let file = env::var_os("FIGURES").filter(|name| !name.is_empty());
        let file = file.map(|name| File::create(&name).with_context(|| format!("cannot write {}", name.display())));
        Ok(Self { rows: Vec::new(), file: file.transpose()? })
    }

    /// A group of figures begins.
    pub(crate) fn begin(&mut self, group: &str) {
        self.rows.push([group.to_owned(), String::new(), String::new(), String::new()]);
    }

    /// A figure that says how things are.
    pub(crate) fn tell(&mut self, figure: &str, value: f64, unit: &str) {
        self.add(figure, value, unit, None);
    }

    /// A figure that has to keep to a bar.
    pub(crate) fn hold(&mut self, figure: &str, value: f64, unit: &str, bar: Bar) {
        self.add(figure, value, unit, Some(bar));
    }

    fn add(&mut self, figure: &str, value: f64, unit: &str, bar: Option<Bar>) {
        let held = bar.map_or("", |bar| if bar.holds(value) { "held" } else { "NOT HELD" });
        let value = rounded(value);
        let text = bar.map(|bar| bar.to_string());
        if let Some(file) = &mut self.file {
            let line = json!({"figure": figure, "value": value, "unit": unit, "bar": text});
            if let Err(error) = writeln!(file, "{line}") {
                eprintln!("figures: cannot write a line of JSON: {error}");
            }
        }
        eprintln!("  {figure}: {value} {unit} {held}");
        let row = [format!("  {figure}"), format!("{value} {unit}"), text.unwrap_or_default(), held.to_owned()];
        self.rows.push(row);
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        let widths = [0, 1, 2].map(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
        let line = |[figure, value, bar, held]: [&str; 4]| {
            let [first, second, third] = widths;
            println!("{}", format!("{figure:first$}  {value:>second$}  {bar:>third$}  {held}").trim_end());
        };
        println!("\n{}", surroundings());
        line(["figure", "value", "bar", ""]);
        self.rows.iter().for_each(|row| line(row.each_ref().map(String::as_str)));
    }
}

/// A value with four digits that count, and whole from a thousand on.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = 3 - (value.abs().log10().floor() as i32).min(3);
    let factor = 10f64.powi(digits);
    (value * factor).round() / factor
}

/// What the figures depend on beside the code.
fn surroundings() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{cores} cores; load average {load}, of which one to two are the bench's own")
}
