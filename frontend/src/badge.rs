//! Badges: small SVG documents of their own, for other people's pages.

use std::fmt::Write;

use shared::grade::Grade;
use shared::visible::visible;
use shared::{Report, Sin, Verdict};

use crate::text::{count, day, millis, percent};

/// A badge older than this is grey, in milliseconds.
pub const FRESH_MS: u64 = 30 * 24 * 3_600 * 1_000;

/// A colour that is told apart in grey, too: the message says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// A+, A and B; clean.
    Good,
    /// C; venial.
    Fair,
    /// D and F; mortal.
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

    /// The same for dark pages; black text on it has a contrast of at least 4.5, and so has it on black.
    pub const fn bright(self) -> &'static str {
        match self {
            Self::Good => "#7fd3a0",
            Self::Fair => "#f0bd5b",
            Self::Bad => "#ff8f85",
            Self::Grey => "#b3aa9c",
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

/// The pages that a badge is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light ones.
    #[default]
    Light,
    /// Dark ones.
    Dark,
    /// Whichever the reader prefers.
    Auto,
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
    /// What stands in the seal: the letter or the sin's numeral; else how much could be seen, in per cent.
    pub letter: Result<&'static str, u32>,
    /// The seal is of solid wax.
    pub solid: bool,
    /// The seal has a double rule.
    pub double: bool,
    /// The day of the check, `24 November 2026`.
    pub day: String,
}

impl Badge {
    /// The badge of a report at a moment (milliseconds since 1970).
    pub fn of(report: &Report, now_ms: u64) -> Self {
        let mortal = faults(report, Verdict::Mortal, None);
        let message = match report.grade {
            Some(grade) if mortal > 0 => format!("{grade}, {mortal} mortal"),
            Some(grade) => grade.to_string(),
            None => "untested".to_owned(),
        };
        let title = match report.grade {
            Some(grade) => format!("Mail sins of {}: grade {grade}, {}", report.domain, mortal_words(mortal)),
            None => format!("Mail sins of {}: no grade, too little could be seen", report.domain),
        };
        Self {
            label: "mail sins".to_owned(),
            message,
            title,
            colour: Colour::of(report.grade),
            letter: report.grade.map(Grade::letter).ok_or(percent(report.coverage)),
            solid: matches!(report.grade, Some(Grade::D | Grade::F)),
            double: matches!(report.grade, Some(Grade::A | Grade::APlus)),
            day: String::new(),
        }
        .dated(report, now_ms, report.grade.is_some())
    }

    /// The badge of one sin.
    pub fn of_sin(report: &Report, sin: Sin, now_ms: u64) -> Self {
        let summary = report.sins.iter().find(|summary| summary.sin == sin);
        let verdict = summary.map_or(Verdict::Untested, |summary| summary.verdict);
        let many = faults(report, verdict, Some(sin));
        let (message, colour) = match verdict {
            Verdict::Mortal => (format!("{many} mortal"), Colour::Bad),
            Verdict::Venial => (format!("{many} venial"), Colour::Fair),
            Verdict::Clean | Verdict::Note => ("clean".to_owned(), Colour::Good),
            Verdict::Untested => ("untested".to_owned(), Colour::Grey),
        };
        Self {
            label: sin.title().to_lowercase().replace("rfc", "RFC").replace("dns", "DNS"),
            title: format!("{} of {}: {message}", sin.title(), report.domain),
            message,
            colour,
            letter: Ok(sin.numeral()),
            solid: verdict == Verdict::Mortal,
            double: false,
            day: String::new(),
        }
        .dated(report, now_ms, verdict != Verdict::Untested)
    }

    /// With the day of the check; grey, and said to be old, when that is long ago.
    fn dated(mut self, report: &Report, now_ms: u64, says: bool) -> Self {
        self.day = day(&report.checked_at);
        let _ = write!(self.title, ", checked {}", self.day);
        if millis(&report.checked_at).is_none_or(|at| now_ms.saturating_sub(at) > FRESH_MS) {
            self.colour = Colour::Grey;
            if says {
                self.message.push_str(", old");
                self.title.push_str(", more than 30 days ago");
            }
        }
        self
    }
}

/// How many different faults there are of a verdict: the same at three hosts is one.
fn faults(report: &Report, verdict: Verdict, sin: Option<Sin>) -> usize {
    let of = report.findings.iter().filter(|f| f.verdict == verdict && sin.is_none_or(|sin| f.sin == sin));
    of.map(|f| f.fault()).collect::<std::collections::BTreeSet<_>>().len()
}

fn mortal_words(mortal: usize) -> String {
    if mortal == 0 { "no mortal sin".to_owned() } else { count(mortal, "mortal sin", "mortal sins") }
}

/// The colours of a drawing: label and its ink, message and its ink, paper.
type Palette = [&'static str; 5];

const fn palette(colour: Colour, dark: bool) -> Palette {
    if dark {
        ["#d8cfbf", "#15130f", colour.bright(), "#15130f", "#1d1a15"]
    } else {
        ["#3b352c", "#fff", colour.hex(), "#fff", "#fffdf8"]
    }
}

/// The colours to draw with, and what puts others in their place where the reader prefers dark pages: classes `a` to `e` are
/// filled, `s` is drawn in the third.
fn colours(badge: &Badge, theme: Theme) -> (Palette, String) {
    let dark = palette(badge.colour, true);
    let style = match theme {
        Theme::Auto => {
            let fills: String = ["a", "b", "c", "d", "e"]
                .iter()
                .zip(dark)
                .map(|(class, hex)| format!(".{class}{{fill:{hex}}}"))
                .collect();
            let [_, _, stroke, ..] = dark;
            format!("<style>@media(prefers-color-scheme:dark){{{fills}.s{{stroke:{stroke}}}}}</style>")
        }
        Theme::Light | Theme::Dark => String::new(),
    };
    (palette(badge.colour, theme == Theme::Dark), style)
}

/// A badge in the look of shields.io, 20 pixels high.
pub fn flat(badge: &Badge, theme: Theme) -> String {
    let (label, message, title) = (escape(&badge.label), escape(&badge.message), escape(&badge.title));
    let (left, right) = (width(&badge.label) + 10, width(&badge.message) + 10);
    let all = left + right;
    let (label_x, message_x) = (left / 2, left + right / 2);
    let (label_w, message_w) = (left - 10, right - 10);
    let ([ground, ink, colour, on_colour, _], style) = colours(badge, theme);
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{title}">"#,
            r#"<title>{title}</title>{style}<clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath>"#,
            r#"<g clip-path="url(#r)"><rect class="a" width="{left}" height="20" fill="{ground}"/>"#,
            r#"<rect class="c" x="{left}" width="{right}" height="20" fill="{colour}"/></g>"#,
            r#"<g text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">"#,
            r#"<text class="b" x="{label_x}" y="14" textLength="{label_w}" fill="{ink}">{label}</text>"#,
            r#"<text class="d" x="{message_x}" y="14" textLength="{message_w}" fill="{on_colour}" font-weight="bold">{message}</text></g></svg>"#,
        ),
        all = all,
        title = title,
        style = style,
        left = left,
        right = right,
        ground = ground,
        ink = ink,
        colour = colour,
        on_colour = on_colour,
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
pub fn seal(badge: &Badge, theme: Theme) -> String {
    let title = escape(&badge.title);
    let ([_, _, colour, on_colour, paper], style) = colours(badge, theme);
    let dashes = if badge.letter.is_err() { r#" stroke-dasharray="4 4""# } else { "" };
    // Solid wax takes the ink that goes with it, a ring is drawn on paper.
    let (fill, fill_class, ink, ink_class) =
        if badge.solid { (colour, "c", on_colour, "d") } else { (paper, "e", colour, "c") };
    let ring = if badge.solid { on_colour } else { colour };
    let ring_class = if badge.solid { "" } else { r#"class="s" "# };
    let letter = match badge.letter {
        Ok(letter) => letter.to_owned(),
        Err(coverage) => format!("{coverage} %"),
    };
    let (size, y) = match letter.len() {
        1..=2 if badge.letter.is_ok() => (50, 74),
        3 if badge.letter.is_ok() => (38, 70),
        _ => (24, 66),
    };
    let second = if badge.double {
        format!(r#"<circle {ring_class}cx="60" cy="60" r="42" fill="none" stroke="{ring}"/>"#)
    } else {
        String::new()
    };
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120" viewBox="0 0 120 120" role="img" aria-label="{title}">"#,
            r#"<title>{title}</title>{style}<path class="{fill_class} s" d="{wax}" fill="{fill}" stroke="{colour}" stroke-width="2"/>"#,
            r#"<circle {ring_class}cx="60" cy="60" r="45" fill="none" stroke="{ring}" stroke-width="1.5"{dashes}/>{second}"#,
            r#"<g class="{ink_class}" fill="{ink}" text-anchor="middle" font-family="Georgia,serif">"#,
            r#"<text x="60" y="{y}" font-size="{size}" font-weight="700">{letter}</text>"#,
            r#"<text x="60" y="90" font-size="8">{day}</text></g></svg>"#,
        ),
        title = title,
        style = style,
        wax = WAX,
        fill = fill,
        fill_class = fill_class,
        colour = colour,
        ink = ink,
        ink_class = ink_class,
        ring = ring,
        ring_class = ring_class,
        dashes = dashes,
        second = second,
        y = y,
        size = size,
        letter = escape(&letter),
        day = escape(&short(&badge.day)),
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
pub(crate) fn escape(text: &str) -> String {
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
