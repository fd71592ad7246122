//! `mailsins lint`.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::ops::Range;

use serde_json::json;
use shared::Verdict;
use shared::disclosure::Disclosure;
use shared::lint::{Kind, Lint, TEXT_MAX, disclosed, lint, verdict};
use shared::syntax::Fault;
use shared::visible::{from_bytes, visible};

use crate::args::Lint as Args;
use crate::formats::escaped;
use crate::style::{Style, width, wrap};
use crate::{End, refuse};

pub(crate) fn run(args: &Args) -> End {
    let mut worst = Verdict::Clean;
    let mut count = 0;
    let mut take = |text: &str| {
        let found = lint(args.kind, text);
        worst = worst.max(found.verdict);
        let shown = if args.json {
            escaped(&in_json(args.kind, text, &found).to_string())
        } else {
            let gap = if count > 0 { "\n" } else { "" };
            format!("{gap}{}", in_words(args.kind, text, &found, Style::of_stdout(), width()))
        };
        count += 1;
        // A reader that has seen enough and closed the pipe is no failure.
        let _ = writeln!(std::io::stdout(), "{shown}");
    };
    let done = match &args.text {
        Some(text) if text != "-" => fits(text.len(), "it").map(|()| take(text)),
        None if std::io::stdin().is_terminal() => {
            Err("name a text, or - to read standard input. Try: mailsins lint spf 'v=spf1 mx -all'".to_owned())
        }
        _ if args.kind == Kind::MtaStsPolicy => whole(&mut std::io::stdin().lock(), &mut take),
        _ => lines(&mut std::io::stdin().lock(), &mut take),
    };
    match done {
        Err(why) => refuse(End::Usage, &why),
        Ok(()) if count == 0 => refuse(End::Usage, "there is no record on standard input"),
        Ok(()) if worst >= args.fail_on.verdict() => End::Found,
        Ok(()) => End::Clean,
    }
}

fn fits(octets: usize, what: &str) -> Result<(), String> {
    if octets <= TEXT_MAX { Ok(()) } else { Err(format!("{what} is longer than {TEXT_MAX} octets, and no record is")) }
}

/// Takes each line that is not empty.
fn lines(input: &mut impl BufRead, take: &mut impl FnMut(&str)) -> Result<(), String> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let most = TEXT_MAX as u64 + 3; // with its line break, and what shows that it is too long
        let read = input.take(most).read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(&line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        fits(bare.len(), &format!("line {number}"))?;
        if !bare.trim_ascii().is_empty() {
            take(&from_bytes(bare));
        }
    }
    Ok(())
}

/// Takes all that there is.
fn whole(input: &mut impl Read, take: &mut impl FnMut(&str)) -> Result<(), String> {
    let mut octets = Vec::new();
    input.take(TEXT_MAX as u64 + 1).read_to_end(&mut octets).map_err(unreadable)?;
    fits(octets.len(), "it")?;
    take(&from_bytes(&octets));
    Ok(())
}

fn unreadable(error: std::io::Error) -> String {
    format!("standard input can't be read: {error}")
}

fn in_json(kind: Kind, text: &str, found: &Lint) -> serde_json::Value {
    let fault = |fault: &Fault| {
        let Fault { start, end, code, message } = fault;
        json!({ "code": code, "message": message, "verdict": verdict(kind, code), "start": start, "end": end })
    };
    let faults: Vec<_> = found.faults.iter().map(fault).collect();
    let mut object = json!({ "kind": kind.name(), "text": text, "verdict": found.verdict, "faults": faults });
    if let (Some(told), Some(fields)) = (disclosed(kind, text), object.as_object_mut()) {
        let span = |span: &Disclosure| json!({ "what": span.what.name(), "start": span.start, "end": span.end });
        fields.insert("discloses".to_owned(), told.discloses().into());
        fields.insert("product".to_owned(), told.product.into());
        fields.insert("version".to_owned(), told.version.into());
        fields.insert("os".to_owned(), told.os.into());
        fields.insert("spans".to_owned(), told.spans.iter().map(span).collect());
    }
    object
}

/// The text, with each fault under its place.
fn in_words(kind: Kind, text: &str, found: &Lint, style: Style, width: usize) -> String {
    let mut out = format!("{} {}", style.verdict(found.verdict), style.bold(kind.name()));
    let mut faults = found.faults.iter().peekable();
    let rows = rows(text, width - 2);
    for (index, row) in rows.iter().enumerate() {
        let next = rows.get(index + 1).map_or(usize::MAX, |row| row.start);
        let shown = |range: Range<usize>| visible(text.get(range).unwrap_or(""));
        out.push_str(format!("\n  {}", shown(row.clone())).trim_end());
        while let Some(fault) = faults.next_if(|fault| fault.start < next) {
            let before = shown(row.start..fault.start.min(row.end)).chars().count() + 2;
            let length = shown(fault.start.min(row.end)..fault.end.min(row.end)).chars().count().max(1);
            let carets = style.verdict_colour(verdict(kind, fault.code), &"^".repeat(length));
            let words = format!("{} ({}): {}", fault.code, verdict(kind, fault.code), fault.message);
            out.push_str(&format!("\n{:before$}{carets}", ""));
            if before + length + 1 + words.chars().count() <= width {
                out.push_str(&format!(" {words}"));
            } else {
                out.push_str(&format!("\n{}", wrap(&words, 4, width)));
            }
        }
    }
    out
}

/// The lines of a text, those that are too long cut at spaces if there are any.
fn rows(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut space, mut used) = (0, 0, 0);
    for (at, c) in text.char_indices() {
        let columns = visible(c.encode_utf8(&mut [0; 4])).chars().count();
        if c == '\n' {
            rows.push(start..at);
            (start, used) = (at + 1, 0);
            continue;
        }
        if used + columns > width {
            let cut = if space > start { space } else { at };
            rows.push(start..cut);
            start = cut;
            used = visible(text.get(cut..at).unwrap_or("")).chars().count();
        }
        used += columns;
        if c == ' ' {
            space = at + 1;
        }
    }
    rows.push(start..text.len());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_at_spaces() {
        let of = |text: &'static str| rows(text, 8).into_iter().filter_map(|row| text.get(row)).collect::<Vec<_>>();
        assert_eq!(of(""), [""]);
        assert_eq!(of("a b"), ["a b"]);
        assert_eq!(of("aaa bbb ccc ddd"), ["aaa bbb ", "ccc ddd"]);
        assert_eq!(of("aaaaaaaaaaa bb"), ["aaaaaaaa", "aaa bb"]);
        assert_eq!(of("a\nb\n"), ["a", "b", ""]);
        assert_eq!(of("a\u{202e}bb"), ["a", "\u{202e}", "bb"]);
    }

    #[test]
    fn each_fault_stands_under_its_place() {
        let shown = |text: &str, width| in_words(Kind::Spf, text, &lint(Kind::Spf, text), Style::plain(), width);
        let want = "\
✗ mortal   spf
  v=spf1 ip4:192.0.2.300 a:bücher.test \\u{202e} -a
         ^^^^^^^^^^^^^^^
    bad-ip4 (mortal): This is not an IPv4 address or network
    (RFC 7208 section 5.6).
                         ^^^^^^^^^^^^^
    not-ascii (mortal): Only visible ASCII characters may
    stand here (RFC 7208 section 4.6.1).
                                       ^^^^^^^^
    not-ascii (mortal): Only visible ASCII characters may
    stand here (RFC 7208 section 4.6.1).
                                                  ^
    no-all (venial): Without all or redirect at its end the
    record says nothing of other hosts, as with ?all (RFC
    7208 section 4.7).";
        assert_eq!(shown("v=spf1 ip4:192.0.2.300 a:bücher.test \u{202e} -a", 60), want);
        let want = "\
i note     spf
  v=spf1 mx mx -all
            ^^ repeated-term (note): This term stands in the record already.";
        assert_eq!(shown("v=spf1 mx mx -all", 80), want);
    }
}
