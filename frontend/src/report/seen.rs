//! What was seen, verbatim, its deciding characters marked.

use shared::visible::visible;
use yew::{Html, html};

/// Marks are start and end in characters of `text`.
pub(crate) fn seen(text: &str, marks: &[(u32, u32)]) -> Html {
    marked(text, marks).view()
}

/// What was said, in as few parts as possible: the fewer there are, the quicker is a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said(Vec<Part>);

#[derive(Debug, PartialEq)]
struct Part {
    /// We said this.
    ours: bool,
    marked: bool,
    text: String,
}

impl Said {
    pub(super) fn by_us(&mut self, text: &str) {
        self.put(true, false, text);
    }

    pub(super) fn by_them(&mut self, text: &str) {
        self.put(false, false, text);
    }

    fn put(&mut self, ours: bool, marked: bool, text: &str) {
        match self.0.last_mut() {
            Some(last) if (last.ours, last.marked) == (ours, marked) => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part { ours, marked, text: text.to_owned() }),
        }
    }

    pub(super) fn view(&self) -> Html {
        let part = |part: &Part| {
            let text = visible(&part.text);
            let text = if part.marked {
                html! { <mark>{ text }</mark> }
            } else {
                html! { { text } }
            };
            if part.ours {
                html! { <span class="us">{ text }</span> }
            } else {
                text
            }
        };
        html! { <pre>{ for self.0.iter().map(part) }</pre> }
    }
}

/// Marks count characters of the whole text; a line feed is never marked.
fn marked(seen: &str, marks: &[(u32, u32)]) -> Said {
    let mut said = Said::default();
    let mut at: u32 = 0;
    for line in seen.split_inclusive('\n') {
        let ours = line.starts_with("→ ");
        if marks.is_empty() {
            said.put(ours, false, line);
            continue;
        }
        for c in line.chars() {
            let marked = c != '\n' && marks.iter().any(|(start, end)| (*start..*end).contains(&at));
            said.put(ours, marked, c.encode_utf8(&mut [0; 4]));
            at += 1;
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was seen, the marks, and the text with brackets for marks and slashes for line feeds.
    type Row = (&'static str, &'static [(u32, u32)], &'static str);

    fn shown(seen: &str, marks: &[(u32, u32)]) -> String {
        let part = |part: &Part| {
            let text = visible(&part.text).replace('\n', "/");
            if part.marked { format!("[{text}]") } else { text }
        };
        marked(seen, marks).0.iter().map(part).collect()
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
        let part = |ours, text: &str| Part { ours, marked: false, text: text.to_owned() };
        let said = [part(true, "→ EHLO x\n"), part(false, "250 ok\n250 → no\n"), part(true, "→ QUIT")];
        assert_eq!(marked("→ EHLO x\n250 ok\n250 → no\n→ QUIT", &[]).0, said);
    }
}
