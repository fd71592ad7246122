//! The page of a domain at `/d/`: its history, where its record allows one, and what such a record is.

use shared::DomainName;
use shared::Verdict;
use shared::api::ConsentState;
use shared::difference::{Change, Difference, Said, Turn};
use shared::grade::Grade;
use shared::report::timestamp;
use shared::syntax::consent::Word;

use super::{Markup, Plain, document, fill};
use crate::server::Assets;
use crate::text::{count, day};

/// So many changes are named; the reports say the rest.
const CHANGES: usize = 30;

/// What is known of a domain.
pub struct Owner {
    /// The domain.
    pub domain: DomainName,
    /// The host that its record must name.
    pub by: DomainName,
    /// What its record allows.
    pub words: Vec<Word>,
    /// Its history, where that is allowed.
    pub history: Option<History>,
    /// What was read just now, where there is no history to show.
    pub read: Option<ConsentState>,
}

/// The reports of a domain.
pub struct History {
    /// The latest, the newest first.
    pub entries: Vec<Entry>,
    /// What changed with the newest.
    pub difference: Option<Difference>,
    /// When it is checked again, in milliseconds since 1970.
    pub due: Option<u64>,
}

/// A report.
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// Its letter.
    pub grade: Option<Grade>,
    /// The policy that judged.
    pub policy: u32,
}

/// The whole document. `origin` is the site's own, without a trailing slash.
pub async fn owner(owner: &Owner, assets: &Assets, origin: &str) -> String {
    let domain = owner.domain.as_str();
    let (title, description, above) = match &owner.history {
        Some(history) => (
            format!("{domain}: history"),
            format!("How the mail servers of {domain} fared over time."),
            of(owner, history, origin),
        ),
        None => (
            format!("{domain}: no history"),
            format!("{domain} has not allowed a history of its reports."),
            none(owner),
        ),
    };
    let content = Markup::all([above, record(owner)]);
    let page =
        Plain { title: &title, description: &description, listed: owner.history.is_some(), script: None, content };
    document(page, assets).await
}

const NONE: &str = "<h1>No history of {}</h1>\
<p class=\"lead\">The reports of a domain are listed only where the domain itself allows that, by a record in its DNS.</p>\
<section class=\"notice\" aria-labelledby=\"why\"><h2 id=\"why\">What was read just now</h2><p>{}</p>{}</section>\
<p><a class=\"btn first\" href=\"/scan?domain={}\">Check this domain</a></p>";

fn none(owner: &Owner) -> Markup {
    let read = owner.read.as_ref();
    let why = read.and_then(|read| read.refusal.as_ref()).map(|why| why.detail.as_str());
    let why = why.unwrap_or("Its record does not have the word history in allow.");
    let records = read.map(|read| read.records.join("\n")).filter(|records| !records.is_empty());
    let records = records.map(|records| fill("<pre>{}</pre>", &[(&records).into()])).unwrap_or_default();
    let domain = owner.domain.as_str();
    fill(NONE, &[domain.into(), why.into(), records.into(), domain.into()])
}

const HISTORY: &str = "<h1>{}</h1><p class=\"lead\">{}</p>{}{}{}\
<section class=\"plain\" aria-labelledby=\"reports\"><h2 id=\"reports\">Reports</h2>\
<p><a class=\"btn\" href=\"/scan?domain={}\">Check this domain</a></p>{}</section>{}";

const TABLE: &str = "<table><thead><tr><th scope=\"col\">Day</th><th scope=\"col\">Grade</th><th scope=\"col\">Policy</th></tr></thead>\
<tbody>{}</tbody></table>";

const BADGE: &str = "<section class=\"plain\" aria-labelledby=\"badge\"><h2 id=\"badge\">The badge of the domain</h2>\
<p class=\"badge\"><img src=\"{}.svg\" alt=\"{}\" height=\"20\"></p>\
<p>It shows the grade of the latest report and its date, and turns grey after 30 days.</p><pre>{}</pre></section>";

fn of(owner: &Owner, history: &History, origin: &str) -> Markup {
    let domain = owner.domain.as_str();
    let entries = &history.entries;
    let lead = match entries.first() {
        Some(last) => {
            let reports = count(entries.len(), "report", "reports");
            format!("{} on {}. {reports}.", said(last.grade), day(&timestamp(last.at)))
        }
        None => "Its record allows a history, and there is no report yet.".to_owned(),
    };
    let next = history.due.map(|due| day(&timestamp(due)));
    let next = next.map(|day| {
        fill("<p class=\"soft\">It is checked again by itself, next on {} or soon after.</p>", &[(&day).into()])
    });
    let table = if entries.is_empty() {
        Markup::default()
    } else {
        fill(TABLE, &[Markup::all(entries.iter().map(row)).into()])
    };
    let badge = if owner.words.contains(&Word::Badge) && !entries.is_empty() {
        let (image, alt) = (format!("{origin}/badge/{domain}"), format!("Mail sins of {domain}"));
        let lines = format!(
            "<a href=\"{origin}/d/{domain}\"><img src=\"{image}.svg\" alt=\"{alt}\" height=\"20\"></a>\n\n[![{alt}]({image}.svg)]({origin}/d/{domain})"
        );
        fill(BADGE, &[(&image).into(), (&alt).into(), (&lines).into()])
    } else {
        Markup::default()
    };
    let graph = if entries.len() > 1 { graph(entries) } else { Markup::default() };
    let changed = history.difference.as_ref().map(changed).unwrap_or_default();
    fill(
        HISTORY,
        &[
            domain.into(),
            (&lead).into(),
            next.unwrap_or_default().into(),
            graph.into(),
            changed.into(),
            domain.into(),
            table.into(),
            badge.into(),
        ],
    )
}

fn said(grade: Option<Grade>) -> String {
    grade.map_or_else(|| "No grade: too little could be seen".to_owned(), |grade| format!("Grade {grade}"))
}

fn row(entry: &Entry) -> Markup {
    let day = day(&timestamp(entry.at));
    let (grade, policy) = (entry.grade.map_or("none", Grade::letter), entry.policy.to_string());
    fill(
        "<tr><td><a href=\"/r/{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
        &[(&entry.id).into(), (&day).into(), grade.into(), (&policy).into()],
    )
}

/// The letters, the best on top.
const LETTERS: [Grade; 6] = [Grade::APlus, Grade::A, Grade::B, Grade::C, Grade::D, Grade::F];

const WIDTH: u64 = 600;
const STEP: usize = 28;
const LEFT: u64 = 34;
const TOP: usize = 16;

/// Grade over time. The table below it says the same in words.
fn graph(entries: &[Entry]) -> Markup {
    let first = entries.iter().map(|entry| entry.at).min().unwrap_or(0);
    let last = entries.iter().map(|entry| entry.at).max().unwrap_or(0);
    let x = |at: u64| LEFT + (at - first) * (WIDTH - LEFT - 12) / (last - first).max(1);
    let y = |grade: Grade| TOP + STEP * LETTERS.iter().position(|letter| *letter == grade).unwrap_or(0);
    let mut path = String::new();
    let mut dots = Vec::new();
    for (at, grade) in entries.iter().rev().filter_map(|entry| Some((entry.at, entry.grade?))) {
        let (x, y) = (x(at).to_string(), y(grade).to_string());
        // A grade holds until the next one: steps, not slopes.
        path += &if path.is_empty() { format!("M{x} {y}") } else { format!("H{x}V{y}") };
        dots.push(fill("<circle cx=\"{}\" cy=\"{}\" r=\"4\"/>", &[(&x).into(), (&y).into()]));
    }
    let line = |(index, letter): (usize, &Grade)| {
        let y = TOP + STEP * index;
        let (line, base) = (format!("M{LEFT} {y}H{WIDTH}"), (y + 5).to_string());
        fill(
            "<path class=\"grid\" d=\"{}\"/><text x=\"4\" y=\"{}\">{}</text>",
            &[(&line).into(), (&base).into(), letter.letter().into()],
        )
    };
    let end = |entry: Option<&Entry>| {
        entry.map_or_else(String::new, |entry| format!("{} on {}", said(entry.grade), day(&timestamp(entry.at))))
    };
    let label = format!(
        "Grade over time, from {} to {}. The table of reports has each.",
        end(entries.last()),
        end(entries.first())
    );
    let size = format!("0 0 {WIDTH} {}", TOP * 2 + STEP * (LETTERS.len() - 1));
    let grid = Markup::all(LETTERS.iter().enumerate().map(line));
    fill(
        "<figure class=\"graph\"><svg viewBox=\"{}\" role=\"img\" aria-label=\"{}\">{}<path class=\"line\" d=\"{}\"/>{}</svg></figure>",
        &[(&size).into(), (&label).into(), grid.into(), (&path).into(), Markup::all(dots).into()],
    )
}

const CHANGED: &str = "<section class=\"plain\" id=\"difference\" aria-labelledby=\"difference-title\">\
<h2 id=\"difference-title\">What changed since {}</h2>{}<ul class=\"outcomes\">{}</ul></section>";

fn changed(difference: &Difference) -> Markup {
    let Difference { before, after, changes } = difference;
    let mut lines = Vec::new();
    let mut line = |text: String| lines.push(fill("<p>{}</p>", &[(&text).into()]));
    if difference.is_nothing() {
        line("Nothing: both say the same.".to_owned());
    }
    if before.grade != after.grade {
        line(format!("{}, then. {}, now.", said(before.grade), said(after.grade)));
    }
    if before.policy_version != after.policy_version {
        line("They were judged by different policies, which may be all that changed.".to_owned());
    }
    let more = changes.len().saturating_sub(CHANGES);
    if more > 0 {
        line(format!("These are the first {CHANGES} changes, and {more} are not shown."));
    }
    let list = Markup::all(changes.iter().take(CHANGES).map(change));
    fill(CHANGED, &[(&day(&before.checked_at)).into(), Markup::all(lines).into(), list.into()])
}

fn change(change: &Change) -> Markup {
    let before = change.before.as_ref().filter(|_| change.turn != Turn::New && change.turn != Turn::Shown);
    let before = before.map(|said| fill("{}<br>now ", &[verdict(said).into()])).unwrap_or_default();
    let after = change.after.as_ref().map(verdict).unwrap_or_default();
    fill(
        "<li data-turn=\"{}\"><span>{}</span><span>{}{}<span class=\"soft\">, {}</span></span></li>",
        &[change.turn.word().into(), change.turn.word().into(), before.into(), after.into(), (&change.subject).into()],
    )
}

fn verdict(said: &Said) -> Markup {
    let Said { verdict, title, .. } = said;
    fill("<span class=\"v {}\">{}</span> {}", &[verdict.word().into(), capital(*verdict).into(), title.into()])
}

/// The verdict at the head of a line.
pub(super) const fn capital(verdict: Verdict) -> &'static str {
    crate::report::word(verdict)
}

const RECORD: &str = "<section class=\"plain\" id=\"record\" aria-labelledby=\"record-title\">\
<h2 id=\"record-title\">For who runs this domain</h2>\
<p>This record in its DNS allows this site what it names, and nobody else anything:</p><pre>{}</pre>\
<dl class=\"reasons\">{}</dl>\
<p>The record must stand at that very name, alone, and not by a CNAME or a wildcard; two resolvers must agree on it. \
relay, samples and limits also want <code>mailbox=postmaster</code>, a mailbox at this domain that hears of each test first: <a href=\"/run\">active tests</a>. \
With history or badge, <code>notify=https://hook.{}/</code> has what changed posted to that address, signed; its host is this domain or below it. \
Take the record away, and what it allowed ends.</p>\
<p>To be left alone instead, and have the domain's reports taken down:</p><pre>{}</pre>\
<p class=\"soft\">What this site reads there right now, as JSON: <a href=\"/api/v1/consent/{}\">/api/v1/consent/{}</a></p></section>";

/// The record to copy, and what its words allow.
fn record(owner: &Owner) -> Markup {
    let Owner { domain, by, .. } = owner;
    let meaning = |word: &Word| {
        let allowed = if owner.words.contains(word) { " (allowed)" } else { "" };
        fill("<dt><code>{}</code>{}</dt><dd>{}</dd>", &[word.name().into(), allowed.into(), word.sentence().into()])
    };
    let yes = format!("_mailsins.{domain}. TXT \"v=mailsins1; by={by}; allow=history,badge\"");
    let no = format!("_mailsins.{domain}. TXT \"v=mailsins1; probe=none\"");
    let words = Markup::all(Word::ALL.iter().map(meaning));
    let domain = domain.as_str();
    fill(RECORD, &[(&yes).into(), words.into(), domain.into(), (&no).into(), domain.into(), domain.into()])
}
