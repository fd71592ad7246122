//! The pages besides scan and report.

mod about;
mod checks;
mod example;
mod home;
mod lint;

pub(crate) use about::about;
pub(crate) use example::Example;
pub(crate) use home::{home, read};
pub(crate) use lint::{LintPage, lint_index, lint_title};
