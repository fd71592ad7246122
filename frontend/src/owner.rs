//! The page of a domain at `/d/`: its history, where its record allows one, and what such a record is.

use shared::DomainName;
use shared::api::ConsentState;
use shared::difference::{Change, Difference, Said, Turn};
use shared::grade::Grade;
use shared::report::timestamp;
use shared::syntax::consent::Word;
use shared::visible::visible;
use yew::{Html, html};

use crate::icons::verdict_label;
use crate::plain::{Plain, document};
use crate::report::word;
use crate::server::Assets;
use crate::share::badge_snippets;
use crate::shell::shell;
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
    let domain = &owner.domain;
    let (title, description) = match &owner.history {
        Some(history) => {
            let grade = history.entries.first().and_then(|entry| entry.grade);
            let now = grade.map_or_else(String::new, |grade| format!(" Grade {grade} now."));
            (format!("{domain}: history"), format!("How the mail servers of {domain} fared over time.{now}"))
        }
        None => (format!("{domain}: no history"), format!("{domain} has not allowed a history of its reports.")),
    };
    let body = html! {
        <div class="prose">
            { match &owner.history {
                Some(history) => of(owner, history, origin),
                None => none(owner),
            } }
            { record(owner) }
        </div>
    };
    let page = Plain { title, description, listed: owner.history.is_some(), script: None, body: shell("ready", body) };
    document(page, assets).await
}

fn none(owner: &Owner) -> Html {
    let domain = owner.domain.as_str();
    let why = owner.read.as_ref().and_then(|read| read.refusal.as_ref());
    let why =
        why.map_or_else(|| "Its record does not have the word history in allow.".to_owned(), |why| why.detail.clone());
    html! {
        <>
            <h1>{ format!("No history of {domain}") }</h1>
            <p class="lead">{ "The reports of a domain are listed only where the domain itself allows that, by a record in its DNS." }</p>
            <section class="notice" aria-labelledby="why"><h2 id="why">{ "What was read just now" }</h2><p>{ visible(&why) }</p>
                if let Some(read) = owner.read.as_ref().filter(|read| !read.records.is_empty()) {
                    <pre>{ visible(&read.records.join("\n")) }</pre>
                }
            </section>
            <p><a class="btn first" href={format!("/scan?domain={domain}")}>{ "Check this domain" }</a></p>
        </>
    }
}

fn of(owner: &Owner, history: &History, origin: &str) -> Html {
    let domain = owner.domain.as_str();
    let next = history.due.map(|due| day(&timestamp(due)));
    html! {
        <>
            <h1>{ domain }</h1>
            <p class="lead">{ match history.entries.first() {
                Some(last) => format!("{} on {}. {}.", said(last.grade), day(&timestamp(last.at)), count(history.entries.len(), "report", "reports")),
                None => "Its record allows a history, and there is no report yet.".to_owned(),
            } }</p>
            if let Some(next) = next { <p class="soft">{ format!("It is checked again by itself, next on {next} or soon after.") }</p> }
            if history.entries.len() > 1 { { graph(&history.entries) } }
            if let Some(difference) = &history.difference { { changed(difference) } }
            <section class="plain" aria-labelledby="reports">
                <h2 id="reports">{ "Reports" }</h2>
                if history.entries.is_empty() {
                    <p><a class="btn first" href={format!("/scan?domain={domain}")}>{ "Check this domain" }</a></p>
                } else {
                    <table>
                        <thead><tr><th scope="col">{ "Day" }</th><th scope="col">{ "Grade" }</th><th scope="col">{ "Policy" }</th></tr></thead>
                        <tbody>{ for history.entries.iter().map(row) }</tbody>
                    </table>
                }
            </section>
            if owner.words.contains(&Word::Badge) && !history.entries.is_empty() {
                <section class="plain" aria-labelledby="badge">
                    <h2 id="badge">{ "The badge of the domain" }</h2>
                    { badge_snippets(&format!("{origin}/d/{domain}"), &format!("{origin}/badge/{domain}"), domain) }
                </section>
            }
        </>
    }
}

fn said(grade: Option<Grade>) -> String {
    grade.map_or_else(|| "No grade: too little could be seen".to_owned(), |grade| format!("Grade {grade}"))
}

fn row(entry: &Entry) -> Html {
    html! {
        <tr>
            <td><a href={format!("/r/{}", entry.id)}>{ day(&timestamp(entry.at)) }</a></td>
            <td>{ entry.grade.map_or("none", Grade::letter) }</td>
            <td>{ entry.policy }</td>
        </tr>
    }
}

/// The letters, the best on top.
const LETTERS: [Grade; 6] = [Grade::APlus, Grade::A, Grade::B, Grade::C, Grade::D, Grade::F];

const WIDTH: u64 = 600;
const STEP: usize = 28;
const LEFT: u64 = 34;
const TOP: usize = 16;

/// Grade over time. The table below it says the same in words.
fn graph(entries: &[Entry]) -> Html {
    let (first, last) =
        (entries.iter().map(|e| e.at).min().unwrap_or(0), entries.iter().map(|e| e.at).max().unwrap_or(0));
    let x = |at: u64| LEFT + (at - first) * (WIDTH - LEFT - 12) / (last - first).max(1);
    let y = |grade: Grade| TOP + STEP * LETTERS.iter().position(|letter| *letter == grade).unwrap_or(0);
    let points: Vec<(u64, usize)> =
        entries.iter().rev().filter_map(|e| e.grade.map(|grade| (x(e.at), y(grade)))).collect();
    // A grade holds until the next one: steps, not slopes.
    let mut path = String::new();
    for (x, y) in &points {
        path += &if path.is_empty() { format!("M{x} {y}") } else { format!("H{x}V{y}") };
    }
    let height = TOP * 2 + STEP * (LETTERS.len() - 1);
    let line = |(index, letter): (usize, &Grade)| {
        let y = TOP + STEP * index;
        html! {
            <>
                <path class="grid" d={format!("M{LEFT} {y}H{WIDTH}")} />
                <text x="4" y={(y + 5).to_string()}>{ letter.letter() }</text>
            </>
        }
    };
    let dot = |(x, y): &(u64, usize)| html! { <circle cx={x.to_string()} cy={y.to_string()} r="4" /> };
    let label = {
        let ends = [entries.last(), entries.first()]
            .map(|entry| entry.map_or_else(String::new, |e| format!("{} on {}", said(e.grade), day(&timestamp(e.at)))));
        format!("Grade over time, from {} to {}. The table of reports has each.", ends[0], ends[1])
    };
    html! {
        <figure class="graph">
            <svg viewBox={format!("0 0 {WIDTH} {height}")} role="img" aria-label={label}>
                { for LETTERS.iter().enumerate().map(line) }
                <path class="line" d={path} />
                { for points.iter().map(dot) }
            </svg>
        </figure>
    }
}

fn changed(difference: &Difference) -> Html {
    let more = difference.changes.len().saturating_sub(CHANGES);
    let heading = format!("What changed since {}", day(&difference.before.checked_at));
    html! {
        <section class="plain" id="difference" aria-labelledby="difference-title">
            <h2 id="difference-title">{ heading }</h2>
            if difference.is_nothing() { <p>{ "Nothing: both say the same." }</p> }
            if difference.before.grade != difference.after.grade {
                <p>{ format!("{}, then. {}, now.", said(difference.before.grade), said(difference.after.grade)) }</p>
            }
            if difference.before.policy_version != difference.after.policy_version {
                <p class="soft">{ "They were judged by different policies, which may be all that changed." }</p>
            }
            <ul class="outcomes">{ for difference.changes.iter().take(CHANGES).map(change) }</ul>
            if more > 0 { <p class="soft">{ format!("And {more} more.") }</p> }
        </section>
    }
}

fn change(change: &Change) -> Html {
    let said =
        |said: &Said| html! { <>{ verdict_label(said.verdict, word(said.verdict)) }{ " " }{ visible(&said.title) }</> };
    let before = change.before.as_ref().filter(|_| change.turn != Turn::New && change.turn != Turn::Shown);
    html! {
        <li data-turn={change.turn.word()}>
            <span>{ change.turn.word() }</span>
            <span>
                if let Some(before) = before { { said(before) } }
                if before.is_some() && change.after.is_some() { <br />{ "now " } }
                if let Some(after) = &change.after { { said(after) } }
                <span class="soft">{ ", " }{ visible(&change.subject) }</span>
            </span>
        </li>
    }
}

/// The record to copy, and what its words allow.
fn record(owner: &Owner) -> Html {
    let Owner { domain, by, .. } = owner;
    let line = format!("_mailsins.{domain}. TXT \"v=mailsins1; by={by}; allow=history,badge\"");
    let meaning = |word: &Word| {
        html! { <><dt><code>{ word.name() }</code>if owner.words.contains(word) { { " (allowed)" } }</dt><dd>{ word.sentence() }</dd></> }
    };
    html! {
        <section class="plain" id="record" aria-labelledby="record-title">
            <h2 id="record-title">{ "For who runs this domain" }</h2>
            <p>{ "This record in its DNS allows this site what it names, and nobody else anything:" }</p>
            <pre>{ line }</pre>
            <dl class="reasons">{ for Word::ALL.iter().map(meaning) }</dl>
            <p>{ "The record must stand at that very name, alone, and not by a CNAME or a wildcard; two resolvers must agree on it. \
                  relay, samples and limits also want " }<code>{ "mailbox=postmaster" }</code>{ ", a mailbox at this domain that hears of each test first. \
                  Take the record away, and what it allowed ends." }</p>
            <p>{ "To be left alone instead, and have the domain's reports taken down:" }</p>
            <pre>{ format!("_mailsins.{domain}. TXT \"v=mailsins1; probe=none\"") }</pre>
            <p class="soft">{ "What this site reads there right now, as JSON: " }
                <a href={format!("/api/v1/consent/{domain}")}>{ format!("/api/v1/consent/{domain}") }</a></p>
        </section>
    }
}
