//! When what was asked, and how long each answer took.

use std::fmt::Write;

use super::{LIGHT, PLAIN, Picture, WIDTH};
use crate::visible::visible;
use crate::{Evidence, Inquiry, Report};

/// So many rows are drawn, the earliest; the words have all.
const ROWS_MAX: usize = 40;

/// The time line; nothing where nothing was asked.
pub(super) fn line(report: &Report) -> Option<Picture> {
    let began = report.case().started;
    // A report tells its start to the second only. What is older is served again from the memory of an earlier scan.
    let fresh = || report.evidence.iter().filter(|piece| piece.at >= began);
    let start = fresh().map(|piece| piece.at).min().unwrap_or(began);
    let end = fresh().map(|piece| piece.at.saturating_add(piece.took.into())).max().unwrap_or(began);
    let whole = end.saturating_sub(start).max(1);
    let mut pieces: Vec<&Evidence> = report.evidence.iter().collect();
    pieces.sort_by_key(|piece| piece.at);
    if pieces.is_empty() {
        return None;
    }
    let mut rows: Vec<(String, Vec<&Evidence>)> = Vec::new();
    for piece in &pieces {
        let label = match &piece.inquiry {
            Inquiry::Dns { .. } => "DNS".to_owned(),
            Inquiry::Probe { address, port, .. } => format!("{address}, port {port}"),
            Inquiry::Fetch { url } => url.as_str().to_owned(),
            Inquiry::Mail => piece.inquiry.to_string(),
            Inquiry::Arrival { .. } => "Arrivals".to_owned(),
            Inquiry::Owner { .. } => "The owner".to_owned(),
        };
        match rows.iter_mut().find(|(known, _)| *known == label) {
            Some((_, pieces)) => pieces.push(piece),
            None => rows.push((label, vec![piece])),
        }
    }
    let more = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);

    let mut picture = Picture { title: format!("What was asked when, within {}", span(whole)), ..Picture::default() };
    let mut y = 12;
    for (label, pieces) in &rows {
        let (count, longest) = (pieces.len(), pieces.iter().map(|piece| piece.took).max().unwrap_or(0));
        let what = if count == 1 {
            format!("{label}: {}", span(longest.into()))
        } else {
            format!("{label}: {count}, the longest {}", span(longest.into()))
        };
        y = picture.lines(0, y, PLAIN, &what, 50);
        picture.line(&[(0, y + 10), (WIDTH, y + 10)]);
        for piece in pieces.iter().filter(|piece| piece.at >= start) {
            let from = place(piece.at.saturating_sub(start), whole);
            let to = place(piece.at.saturating_sub(start) + u64::from(piece.took), whole);
            picture.bar(from.min(WIDTH - 2), y + 6, (to.saturating_sub(from)).clamp(2, WIDTH), 8);
        }
        y += 30;
    }
    if more > 0 {
        picture.text(0, y, LIGHT, format!("and {more} more"));
        y += 16;
    }
    picture.height = y;
    let mut words = String::new();
    for piece in pieces {
        let when = match piece.at.checked_sub(start) {
            Some(after) => format!("{}.{:03} s", after / 1_000, after % 1_000),
            None => "earlier".to_owned(),
        };
        let _ = writeln!(words, "{when:>9}  {:>8}  {}", span(piece.took.into()), visible(&piece.inquiry.to_string()));
    }
    picture.words = words;
    Some(picture)
}

/// Where a moment stands on the line.
fn place(ms: u64, whole: u64) -> u32 {
    u32::try_from(ms.min(whole) * u64::from(WIDTH) / whole).unwrap_or(WIDTH)
}

/// `230 ms`, `6.2 s`.
fn span(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}
