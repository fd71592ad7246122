//! Pictures of what a report says: the tree of the SPF record, the path of a mail to each mail host, and when what was asked.
//!
//! A picture is laid out here, by functions of the evidence, and drawn as it stands by the page that the Worker renders and
//! by the one in the browser alike, so that neither carries what reads records. It is narrow enough for a telephone, has no
//! colours of its own, and says the same in words.

mod path;
mod spf;
mod time;

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::visible::visible;
use crate::{Report, Verdict};

/// The width of every picture, in units of which a page shows one as a pixel or a little more.
pub const WIDTH: u32 = 340;

/// A picture, laid out. All its texts went through [`visible`]. Places are x and y from the left upper corner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What it shows, in a line.
    pub title: String,
    /// Its height, in the units of [`WIDTH`].
    pub height: u32,
    /// What is drawn as lines, as the data of an SVG path.
    pub lines: String,
    /// What is filled, likewise.
    pub bars: String,
    /// Signs of verdicts, 14 units square, by their corners.
    pub marks: Vec<(u32, u32, Verdict)>,
    /// Texts, by the left ends of their base lines, each with its style.
    pub texts: Vec<(u32, u32, String, String)>,
    /// The same in words, a line each.
    pub words: String,
}

/// How a text is set: a class on the page. Sizes are so that a line of a given number of characters fits.
type Style = &'static str;
/// A heading.
const HEAD: Style = "head";
/// Plain text, about 6.5 units a character.
const PLAIN: Style = "plain";
/// Less important.
const LIGHT: Style = "light";
/// What stands in a record: 7 units a character.
const CODE: Style = "code";

/// The pictures of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pictures {
    /// The tree of the SPF record; none where there is not exactly one without a fault, or nothing in it asks DNS.
    pub spf: Option<Picture>,
    /// The path of a mail, a picture for each mail host.
    pub paths: Vec<Picture>,
    /// When what was asked, and how long each answer took.
    pub time: Option<Picture>,
}

/// Draws what a report says.
pub fn pictures(report: &Report) -> Pictures {
    let case = report.case();
    let facts = Facts::new(&case);
    Pictures { spf: spf::tree(&facts), paths: path::paths(&facts, &report.findings), time: time::line(report) }
}

impl Picture {
    fn text(&mut self, x: u32, y: u32, style: Style, text: impl Into<String>) {
        self.texts.push((x, y, style.to_owned(), text.into()));
    }

    fn mark(&mut self, x: u32, y: u32, verdict: Verdict) {
        self.marks.push((x, y, verdict));
    }

    fn line(&mut self, points: &[(u32, u32)]) {
        for (n, (x, y)) in points.iter().enumerate() {
            let _ = write!(self.lines, "{}{x} {y}", if n == 0 { 'M' } else { 'L' });
        }
    }

    fn frame(&mut self, x: u32, y: u32, width: u32, height: u32) {
        let _ = write!(self.lines, "M{x} {y}h{width}v{height}h-{width}z");
    }

    fn bar(&mut self, x: u32, y: u32, width: u32, height: u32) {
        let _ = write!(self.bars, "M{x} {y}h{width}v{height}h-{width}z");
    }

    /// Writes a text in lines of at most so many characters, 16 units each, from a base line on; returns the last one.
    fn lines(&mut self, x: u32, y: u32, style: Style, text: &str, room: usize) -> u32 {
        let mut last = y;
        for (n, line) in (0..).zip(wrap(text, room)) {
            last = y + n * 16;
            self.text(x, last, style, line);
        }
        last
    }
}

/// Cuts a harmless text into lines of at most so many characters, at spaces and behind dots, slashes and the like where there
/// are any.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let text = visible(text).replace('\n', " ");
    let letters: Vec<char> = text.chars().collect();
    let (mut lines, mut rest) = (Vec::new(), letters.as_slice());
    while rest.len() > room.max(1) {
        let (head, _) = rest.split_at(room.max(1));
        let good = |c: &char| " .:/_-=,".contains(*c);
        // Not so early that a line is mostly empty.
        let at = head.iter().rposition(good).filter(|at| *at * 2 > room).map_or(head.len(), |at| at + 1);
        let (line, after) = rest.split_at(at);
        lines.push(line.iter().collect::<String>().trim_end().to_owned());
        rest = after;
    }
    lines.push(rest.iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_good_places() {
        let rows: [(&str, usize, &[&str]); 6] = [
            ("short", 10, &["short"]),
            ("", 10, &[""]),
            ("include:_spf.example.org", 16, &["include:_spf.", "example.org"]),
            ("abcdefghijkl", 5, &["abcde", "fghij", "kl"]),
            ("one two three", 9, &["one two", "three"]),
            ("a\u{202e}b", 20, &["a\\u{202e}b"]),
        ];
        for (text, room, want) in rows {
            assert_eq!(wrap(text, room), want, "{text}");
        }
    }
}
