//! Colours and line breaks of a terminal.

use std::io::IsTerminal;

use shared::Verdict;

/// Colours, or none: only on a terminal, and not with NO_COLOR (no-color.org).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    colours: bool,
}

impl Style {
    pub(crate) fn of_stdout() -> Self {
        Self::of(std::io::stdout().is_terminal())
    }

    pub(crate) fn of_stderr() -> Self {
        Self::of(std::io::stderr().is_terminal())
    }

    /// Without colours.
    pub(crate) const fn plain() -> Self {
        Self { colours: false }
    }

    fn of(terminal: bool) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { colours: terminal && !unwanted && !dumb }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A verdict's sign and word, in a column of its own: colour is never the only sign.
    pub(crate) fn verdict(self, verdict: Verdict) -> String {
        self.verdict_colour(verdict, &format!("{} {:<8}", sign(verdict), verdict.word()))
    }

    /// Text in the colour of a verdict, which has to be said by other means, too.
    pub(crate) fn verdict_colour(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Mortal => "1;31",
            Verdict::Venial => "33",
            Verdict::Clean => "32",
            Verdict::Note => "36",
            Verdict::Untested => "2",
        };
        self.paint(code, text)
    }
}

/// The shape of a verdict.
pub(crate) const fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Mortal => '✗',
        Verdict::Venial => '!',
        Verdict::Clean => '✓',
        Verdict::Note => 'i',
        Verdict::Untested => '?',
    }
}

/// How many columns a line may take: what COLUMNS says, else what the terminal has.
pub(crate) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    let has = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    said.or_else(has).unwrap_or(80).clamp(40, 100)
}

/// Breaks text between words, each line behind an indent. A word that is too long stays whole, so
/// that it can be copied.
pub(crate) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut lines = vec![String::new()];
    let mut used = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > indent && used + 1 + length > width {
            lines.push(String::new());
            used = indent;
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    let indent = " ".repeat(indent);
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words() {
        let rows = [
            ("", 2, "  "),
            ("one two three", 2, "  one two\n  three"),
            ("a-word-that-is-too-long b", 0, "a-word-that-is-too-long\nb"),
        ];
        for (text, indent, want) in rows {
            assert_eq!(wrap(text, indent, 10), want);
        }
    }

    #[test]
    fn colour_is_an_extra() {
        assert_eq!(Style::plain().verdict(Verdict::Mortal), "✗ mortal  ");
        assert_eq!(Style { colours: true }.verdict(Verdict::Mortal), "\u{1b}[1;31m✗ mortal  \u{1b}[0m");
    }
}
