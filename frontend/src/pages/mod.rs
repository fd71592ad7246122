//! The pages besides scan and report.

mod home;
mod lint;

pub(crate) use home::{home, read};
pub(crate) use lint::{LintPage, lint_index, lint_title};
