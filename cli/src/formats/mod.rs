//! How reports are printed: for people, and for what reads them.

mod json;
mod junit;
mod markdown;
mod sarif;
mod text;

pub(crate) use json::escaped;

use crate::args::Format;
use crate::checked::Checked;
use crate::style::Style;
use crate::summary::Row;

/// Prints in one format.
pub(crate) trait Writer {
    /// What to print as soon as this domain is checked. They come in the order in which they were named.
    fn one(&mut self, checked: &Checked) -> String;

    /// What to print after all.
    fn end(&mut self, _rows: &[Row]) -> String {
        String::new()
    }
}

/// What a writer goes by.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) style: Style,
    pub(crate) verbose: bool,
    pub(crate) quiet: bool,
    /// More than one domain.
    pub(crate) several: bool,
    /// How wide the longest domain is.
    pub(crate) column: usize,
}

/// The writer of a format.
pub(crate) fn writer(format: Format, look: Look) -> Box<dyn Writer> {
    match format {
        Format::Text => Box::new(text::Text { look, begun: false }),
        Format::Json => Box::new(json::Json { several: look.several }),
        Format::Markdown => Box::new(markdown::Markdown { several: look.several, begun: false }),
        Format::Sarif => Box::new(sarif::Sarif::new(look.verbose)),
        Format::Junit => Box::new(junit::Junit::default()),
    }
}
