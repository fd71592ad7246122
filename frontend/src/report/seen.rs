//! What was seen, verbatim, its deciding characters marked.

use shared::visible::visible;
use yew::{Html, html};

/// Marks are start and end in characters of `text`.
pub(crate) fn seen(text: &str, marks: &[(u32, u32)]) -> Html {
    let part = |(marked, text): &(bool, String)| {
        if *marked {
            html! { <mark>{ text }</mark> }
        } else {
            html! { { text } }
        }
    };
    let line = |line: &Line| {
        let parts = html! { <>{ for line.parts.iter().map(part) }</> };
        html! { <span class={if line.ours { "us" } else { "them" }}>{ parts }{ "\n" }</span> }
    };
    html! { <pre>{ for lines(text, marks).iter().map(line) }</pre> }
}

/// A line of what was seen, in marked and unmarked parts.
#[derive(Debug, PartialEq)]
struct Line {
    /// We said this.
    ours: bool,
    parts: Vec<(bool, String)>,
}

/// Cuts the text into lines and these into parts; marks count characters of the whole text.
fn lines(seen: &str, marks: &[(u32, u32)]) -> Vec<Line> {
    let mut at: u32 = 0;
    let mut lines = Vec::new();
    for text in seen.split('\n') {
        let mut parts: Vec<(bool, String)> = Vec::new();
        for c in text.chars() {
            let marked = marks.iter().any(|(start, end)| (*start..*end).contains(&at));
            match parts.last_mut() {
                Some((last, part)) if *last == marked => part.push(c),
                _ => parts.push((marked, c.to_string())),
            }
            at += 1;
        }
        at += 1; // the line feed
        for (_, part) in &mut parts {
            *part = visible(part);
        }
        lines.push(Line { ours: text.starts_with("→ "), parts });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was seen, the marks, and the text with brackets for marks and slashes for line feeds.
    type Row = (&'static str, &'static [(u32, u32)], &'static str);

    fn shown(seen: &str, marks: &[(u32, u32)]) -> String {
        let part = |(marked, text): &(bool, String)| if *marked { format!("[{text}]") } else { text.clone() };
        let line = |l: &Line| l.parts.iter().map(part).collect::<String>();
        lines(seen, marks).iter().map(line).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn marks_count_characters() {
        let rows: &[Row] = &[
            ("220 mx ESMTP", &[(4, 6)], "220 [mx] ESMTP"),
            ("grüße 250 ok", &[(6, 9)], "grüße [250] ok"),
            ("→ RSET\n250 ü ok", &[(11, 12)], "→ RSET/250 [ü] ok"),
            ("ab\ncd", &[(1, 4)], "a[b]/[c]d"),
            ("ab", &[(1, 900)], "a[b]"),
            ("ab", &[(2, 1), (9, 12)], "ab"),
            ("a\u{202e}b", &[(1, 2)], "a[\\u{202e}]b"),
            ("𝔪𝔵 ok", &[(0, 2)], "[𝔪𝔵] ok"),
            ("", &[(0, 1)], ""),
        ];
        for (seen, marks, want) in rows {
            assert_eq!(shown(seen, marks), *want, "{seen:?}");
        }
    }

    #[test]
    fn knows_our_own_lines() {
        let ours: Vec<bool> = lines("→ EHLO x\n250 ok\n250 → no", &[]).iter().map(|l| l.ours).collect();
        assert_eq!(ours, [true, false, false]);
    }
}
