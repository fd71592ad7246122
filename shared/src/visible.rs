//! Foreign text made harmless to look at.

use std::fmt::Write;

/// Turns control, bidirectional, zero-width and other invisible characters into visible escapes,
/// for page, SVG, Markdown and terminal alike. Line feeds are kept.
pub fn visible(text: &str) -> String {
    // As nearly all of it is.
    if text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' {
            out.push(c);
        } else if c.is_control() && (c as u32) < 256 {
            let _ = write!(out, "\\x{:02x}", c as u32);
        } else if is_hidden(c) {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// Text of foreign bytes: UTF-8 is kept, every other byte becomes `\xNN`. Nothing is lost.
pub fn from_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Characters that are not seen, or that change how others are seen.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_cannot_be_seen() {
        let rows = [
            ("plain text, grüße", "plain text, grüße"),
            ("a\r\nb\tc\0", "a\\x0d\nb\\x09c\\x00"),
            ("\u{1b}[31mred", "\\x1b[31mred"),
            ("evil\u{202e}txt.exe", "evil\\u{202e}txt.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{85}\u{9b}", "\\x85\\x9b"),
        ];
        for (text, want) in rows {
            assert_eq!(visible(text), want);
        }
    }

    #[test]
    fn keeps_every_byte() {
        assert_eq!(from_bytes(b"caf\xe9 \xff\xfe ok"), "caf\\xe9 \\xff\\xfe ok");
        assert_eq!(from_bytes("grüße".as_bytes()), "grüße");
    }
}
