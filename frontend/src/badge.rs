//! Badges: small SVG documents of their own, for other people's pages.

use std::fmt::Write;

use shared::grade::Grade;
use shared::visible::visible;
use shared::{Report, Verdict};

use crate::text::{count, day, millis, percent};

/// A badge older than this is grey, in milliseconds.
pub const FRESH_MS: u64 = 30 * 24 * 3_600 * 1_000;

/// A colour that is told apart in grey, too: the message says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// A+, A and B.
    Good,
    /// C.
    Fair,
    /// D and F.
    Bad,
    /// Untested, or too old.
    Grey,
}

impl Colour {
    /// As `#rrggbb`; white text on it has a contrast of at least 4.5.
    pub const fn hex(self) -> &'static str {
        match self {
            Self::Good => "#1d6a40",
            Self::Fair => "#8a5a00",
            Self::Bad => "#9d1f1a",
            Self::Grey => "#655d50",
        }
    }

    /// The colour of a letter.
    pub const fn of(grade: Option<Grade>) -> Self {
        match grade {
            Some(Grade::APlus | Grade::A | Grade::B) => Self::Good,
            Some(Grade::C) => Self::Fair,
            Some(Grade::D | Grade::F) => Self::Bad,
            None => Self::Grey,
        }
    }
}

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The left half: `mail sins`.
    pub label: String,
    /// The right half: `A`, `F, 2 mortal`, `untested`.
    pub message: String,
    /// The whole in one sentence, with domain and date.
    pub title: String,
    /// The colour of the right half.
    pub colour: Colour,
    /// The letter, for the seal.
    pub grade: Option<Grade>,
    /// How much could be seen, in per cent, for the seal.
    pub coverage: u32,
    /// The day of the check, `24 November 2026`.
    pub day: String,
}

impl Badge {
    /// The badge of a report at a moment (milliseconds since 1970).
    pub fn of(report: &Report, now_ms: u64) -> Self {
        let day = day(&report.checked_at);
        let old = millis(&report.checked_at).is_none_or(|at| now_ms.saturating_sub(at) > FRESH_MS);
        let mortal = faults(report);
        let mut message = match report.grade {
            Some(grade) if mortal > 0 => format!("{grade}, {mortal} mortal"),
            Some(grade) => grade.to_string(),
            None => "untested".to_owned(),
        };
        let mut title = match report.grade {
            Some(grade) => format!("Mail sins of {}: grade {grade}, {}", report.domain, mortal_words(mortal)),
            None => format!("Mail sins of {}: no grade, too little could be seen", report.domain),
        };
        let _ = write!(title, ", checked {day}");
        if old && report.grade.is_some() {
            message.push_str(", old");
            title.push_str(", more than 30 days ago");
        }
        Self {
            label: "mail sins".to_owned(),
            message,
            title,
            colour: if old { Colour::Grey } else { Colour::of(report.grade) },
            grade: report.grade,
            coverage: percent(report.coverage),
            day,
        }
    }
}

/// How many different mortal faults there are: the same at three hosts is one.
fn faults(report: &Report) -> usize {
    let mortal = report.findings.iter().filter(|f| f.verdict == Verdict::Mortal);
    mortal.map(|f| f.fault()).collect::<std::collections::BTreeSet<_>>().len()
}

fn mortal_words(mortal: usize) -> String {
    if mortal == 0 { "no mortal sin".to_owned() } else { count(mortal, "mortal sin", "mortal sins") }
}

/// A badge in the look of shields.io, 20 pixels high.
pub fn flat(badge: &Badge) -> String {
    let (label, message, title) = (escape(&badge.label), escape(&badge.message), escape(&badge.title));
    let (left, right) = (width(&badge.label) + 10, width(&badge.message) + 10);
    let (all, colour) = (left + right, badge.colour.hex());
    let (label_x, message_x) = (left / 2, left + right / 2);
    let (label_w, message_w) = (left - 10, right - 10);
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{title}">"#,
            r#"<title>{title}</title><clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath>"#,
            r##"<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3b352c"/>"##,
            r#"<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>"#,
            r##"<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">"##,
            r#"<text x="{label_x}" y="14" textLength="{label_w}">{label}</text>"#,
            r#"<text x="{message_x}" y="14" textLength="{message_w}" font-weight="bold">{message}</text></g></svg>"#,
        ),
        all = all,
        title = title,
        left = left,
        right = right,
        colour = colour,
        label_x = label_x,
        label_w = label_w,
        label = label,
        message_x = message_x,
        message_w = message_w,
        message = message,
    )
}

/// The edge of a drop of wax around (60, 60), of radius 54 or so.
pub(crate) const WAX: &str = "M113.1 60.0C112.5 68.2 110.3 75.1 107.0 82.6C103.7 90.1 100.4 98.0 94.2 102.8C87.9 107.7 79.6 108.7 71.5 110.5C63.4 112.2 55.8 114.4 47.9 112.8C40.1 111.3 32.8 107.0 26.8 101.7C20.7 96.4 17.1 89.7 13.4 82.4C9.8 75.1 5.9 67.8 6.0 60.0C6.0 52.2 9.9 45.0 13.5 37.6C17.1 30.3 20.4 23.0 26.5 18.1C32.7 13.1 40.6 11.0 48.5 9.5C56.4 8.0 63.7 7.9 71.5 9.4C79.4 10.9 86.7 13.5 93.4 18.1C100.2 22.7 106.7 28.5 110.2 35.8C113.6 43.2 113.6 51.8 113.1 60.0Z";

/// The wax seal, 120 pixels square.
pub fn seal(badge: &Badge) -> String {
    let (title, colour) = (escape(&badge.title), badge.colour.hex());
    let dashes = if badge.grade.is_none() { r#" stroke-dasharray="4 4""# } else { "" };
    let solid = matches!(badge.grade, Some(Grade::D | Grade::F));
    let (fill, ink) = if solid { (colour, "#fffdf8") } else { ("#fffdf8", colour) };
    let letter = match badge.grade {
        Some(grade) => grade.to_string(),
        None => format!("{} %", badge.coverage),
    };
    let (size, y) = if badge.grade.is_some() { (50, 74) } else { (24, 66) };
    let day = escape(&short(&badge.day));
    let second = match badge.grade {
        Some(Grade::APlus | Grade::A) => format!(r#"<circle cx="60" cy="60" r="42" fill="none" stroke="{ink}"/>"#),
        _ => String::new(),
    };
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120" viewBox="0 0 120 120" role="img" aria-label="{title}">"#,
            r#"<title>{title}</title><path d="{wax}" fill="{fill}" stroke="{colour}" stroke-width="2"/>"#,
            r#"<circle cx="60" cy="60" r="45" fill="none" stroke="{ink}" stroke-width="1.5"{dashes}/>{second}"#,
            r#"<g fill="{ink}" text-anchor="middle" font-family="Georgia,serif">"#,
            r#"<text x="60" y="{y}" font-size="{size}" font-weight="700">{letter}</text>"#,
            r#"<text x="60" y="90" font-size="8">{day}</text></g></svg>"#,
        ),
        title = title,
        wax = WAX,
        fill = fill,
        colour = colour,
        ink = ink,
        dashes = dashes,
        second = second,
        y = y,
        size = size,
        letter = escape(&letter),
        day = day,
    )
}

/// `24 Nov 2026` of `24 November 2026`.
fn short(day: &str) -> String {
    let words: Vec<String> = day.split(' ').map(|word| word.chars().take(4).collect()).collect();
    match words.as_slice() {
        [day, month, year] => format!("{day} {} {year}", month.chars().take(3).collect::<String>()),
        _ => String::new(),
    }
}

/// About how wide a text is in 11-pixel Verdana; `textLength` makes it fit.
fn width(text: &str) -> u32 {
    text.chars()
        .map(|c| match c {
            'i' | 'l' | 'I' | '.' | ',' | ' ' | '|' => 4,
            'm' | 'w' | 'M' | 'W' => 10,
            'A'..='Z' | '+' => 8,
            _ => 7,
        })
        .sum()
}

/// Foreign text as XML character data or attribute value.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'), // not XML characters
            c => out.push(c),
        }
    }
    out
}
