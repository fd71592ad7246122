//! Takes what came of each domain, in order, prints it, and says how the run ends.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use shared::{Report, Verdict};

use crate::args::{Format, Output};
use crate::checked::{Checked, Subject};
use crate::formats::{Look, Writer, writer};
use crate::reports::Baseline;
use crate::style::Style;
use crate::summary::{Row, table};
use crate::{End, refuse};

/// What came of a run.
pub(crate) struct Outcomes {
    baseline: Option<Baseline>,
    fail_on: Verdict,
    writer: Box<dyn Writer>,
    rows: Vec<Row>,
    /// Where the text goes, and what goes there at the end; nothing for standard output.
    file: Option<(PathBuf, String)>,
    /// What could not be checked is told on standard error; not where its line says it all.
    tells: bool,
    /// The table of a run goes to standard error, since what is printed is not for people.
    summarises: bool,
}

impl Outcomes {
    /// Reads the baseline, and sees that there is where to write to: before anything is asked. An error is a sentence
    /// for people.
    pub(crate) fn new(output: &Output, subjects: &[Subject]) -> Result<Self, String> {
        let baseline = Baseline::read(&output.baseline)?;
        if let Some(file) = &output.output {
            // Not emptied yet: it may be the baseline, and the run may be broken off.
            let opened = OpenOptions::new().create(true).append(true).open(file);
            opened.map_err(|error| format!("{} can't be written: {error}", file.display()))?;
        }
        let style = if output.output.is_some() { Style::plain() } else { Style::of_stdout() };
        let several = subjects.len() > 1;
        let look = Look {
            style,
            verbose: output.verbose,
            quiet: output.quiet,
            several,
            column: subjects.iter().map(|subject| subject.domain.as_str().len()).max().unwrap_or(0),
        };
        Ok(Self {
            baseline,
            fail_on: output.fail_on.verdict(),
            writer: writer(output.format(), look),
            rows: Vec::new(),
            file: output.output.clone().map(|file| (file, String::new())),
            tells: !(output.quiet && output.format() == Format::Text),
            summarises: !output.quiet && (output.output.is_some() || (several && output.format() != Format::Text)),
        })
    }

    /// Prints what came of a domain.
    pub(crate) fn add(&mut self, subject: Subject, result: Result<Report, String>) {
        let difference = match (&self.baseline, &result) {
            (Some(baseline), Ok(report)) => baseline.difference(report),
            _ => None,
        };
        let checked = Checked { subject, result, difference, fail_on: self.fail_on };
        if let (Err(why), true) = (&checked.result, self.tells) {
            refuse(End::Unable, &format!("{} could not be checked. {why}", checked.subject.domain));
        }
        self.rows.push(Row::of(&checked));
        let text = self.writer.one(&checked);
        self.print(&text);
    }

    /// Prints the rest.
    pub(crate) fn end(mut self) -> End {
        let text = self.writer.end(&self.rows);
        self.print(&text);
        if let Some((file, text)) = &self.file
            && let Err(error) = std::fs::write(file, text)
        {
            return refuse(End::Unable, &format!("{} can't be written: {error}", file.display()));
        }
        if self.summarises {
            eprint!("{}", table(&self.rows, Style::of_stderr()));
        }
        self.rows.iter().map(|row| row.end).max().unwrap_or(End::Clean)
    }

    fn print(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match &mut self.file {
            Some((_, kept)) => kept.push_str(text),
            None => {
                // A reader that has seen enough and closed the pipe is no failure.
                let mut out = std::io::stdout();
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
        }
    }
}
