//! A line of the table.

use std::fmt;

/// What was measured, what it came to, and what that is beside something else.
pub struct Row {
    what: String,
    value: String,
    beside: String,
}

impl Row {
    /// With nothing beside.
    pub fn new(what: impl Into<String>, value: impl Into<String>) -> Self {
        Self { what: what.into(), value: value.into(), beside: String::new() }
    }

    /// Beside this.
    pub fn with(mut self, beside: impl Into<String>) -> Self {
        self.beside = beside.into();
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}\t{}", self.what, self.value, self.beside)
    }
}

/// With three digits that count.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
