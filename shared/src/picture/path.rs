//! The path of a mail to each mail host: domain, MX record, address, and what stands on the port there.

use super::{CODE, HEAD, LIGHT, PLAIN, Picture, Style};
use crate::evidence::Target;
use crate::facts::{Facts, Host, Route, SMTP};
use crate::report::timestamp;
use crate::visible::visible;
use crate::{DomainName, Finding, Unseen, Verdict};

/// So many mail hosts are drawn, the preferred first.
const TARGETS_MAX: usize = 8;
/// How many characters a line of a box holds.
const ROOM: usize = 43;

/// What is looked at of a target, and of an address of it: a word, and the check that judges it.
const OF_TARGET: [(&str, &str); 4] =
    [("Name", "mx-not-cname"), ("Address", "mx-resolves"), ("Address", "mx-public-address"), ("DANE", "dane")];
const OF_ADDRESS: [(&str, &str); 5] = [
    ("Port 25", "mx-reachable"),
    ("Greeting", "greeting-delay"),
    ("TLS", "starttls"),
    ("Certificate", "tls-certificate"),
    ("DANE", "dane"),
];

/// A picture for each mail host; none where the domain takes no mail, or where its mail goes could not be seen.
pub(super) fn paths(facts: &Facts<'_>, findings: &[Finding]) -> Vec<Picture> {
    let targets: Vec<(String, Option<DomainName>)> = match facts.route() {
        Ok(Route::Mx(targets)) => targets
            .into_iter()
            .map(|(preference, target)| match target {
                Target::Name(name) => (format!("MX {preference}"), Some(name)),
                Target::Odd(_) | Target::Root => (format!("MX {preference}, no host name"), None),
            })
            .collect(),
        Ok(Route::Implicit) => vec![("no MX record: its own address".to_owned(), Some(facts.domain().clone()))],
        _ => Vec::new(),
    };
    let targets = targets.into_iter().take(TARGETS_MAX);
    targets.map(|(record, target)| path(facts, findings, &record, target.as_ref())).collect()
}

fn path(facts: &Facts<'_>, findings: &[Finding], record: &str, target: Option<&DomainName>) -> Picture {
    let (domain, host) = (facts.domain(), target.map_or("?", DomainName::as_str));
    let title = format!("From {domain} to {host} ({record})");
    let mut draw = Draw { picture: Picture { title, ..Picture::default() }, words: Vec::new(), y: 16 };
    let end = draw.picture.lines(0, draw.y, HEAD, domain.as_str(), ROOM - 4);
    draw.y = end + 6;
    draw.arrow(record);
    let rows = |list: &[(&'static str, &str)], subject: &str| -> Vec<Row> {
        let worst = |check: &str| {
            let of = findings.iter().filter(|f| f.check == check && f.subject == subject);
            of.max_by_key(|f| f.verdict)
        };
        list.iter().filter_map(|(word, check)| Some(row(word, worst(check)?))).collect()
    };
    // What is as it should be is not worth a line of the target, but it is one of the address.
    let mut of_target = rows(&OF_TARGET, host);
    of_target.retain(|row| row.verdict != Verdict::Clean);
    draw.block(HEAD, host, &of_target);
    for at in target.map(|target| facts.hosts_of(target)).unwrap_or_default() {
        draw.arrow("");
        let mut rows = rows(&OF_ADDRESS, &at.subject(SMTP));
        rows.retain(|row| row.word != "Greeting" || row.verdict != Verdict::Clean);
        for row in &mut rows {
            row.text += &more(facts, target, &at, row.word);
        }
        draw.block(CODE, &at.address.to_string(), &rows);
    }
    let Draw { mut picture, words, y } = draw;
    picture.height = y + 2;
    picture.words = words.join("\n");
    picture
}

/// One line of a box.
struct Row {
    word: &'static str,
    verdict: Verdict,
    text: String,
}

fn row(word: &'static str, finding: &Finding) -> Row {
    let text = match finding.verdict {
        Verdict::Untested => {
            let known = Unseen::ALL.iter().find(|unseen| unseen.code() == finding.outcome);
            let sentence = known.map_or_else(|| finding.outcome.clone(), |unseen| unseen.sentence().to_owned());
            // Its first clause: the rest stands with the finding.
            let end = sentence.find([':', '.', ';']).unwrap_or(sentence.len());
            format!("not seen. {}", sentence.get(..end).unwrap_or_default())
        }
        _ => finding.title.clone(),
    };
    Row { word, verdict: finding.verdict, text }
}

/// What was agreed on, and how long the certificate is good for.
fn more(facts: &Facts<'_>, target: Option<&DomainName>, host: &Host, word: &str) -> String {
    let shown = target.and_then(|target| facts.shown_to(target, host).ok().flatten());
    match (word, shown) {
        ("TLS", Some(secured)) => format!(", {}", secured.version),
        ("Certificate", Some(secured)) => match secured.own().and_then(|own| u64::try_from(own.not_after).ok()) {
            Some(until) => format!(", until {}", timestamp(until).get(..10).unwrap_or_default()),
            None => String::new(),
        },
        _ => String::new(),
    }
}

struct Draw {
    picture: Picture,
    words: Vec<String>,
    /// Where the last part ended.
    y: u32,
}

impl Draw {
    /// The way from one part to the next.
    fn arrow(&mut self, label: &str) {
        let end = self.y + 22;
        self.picture.line(&[(16, self.y), (16, end)]);
        self.picture.line(&[(12, end - 5), (16, end), (20, end - 5)]);
        if !label.is_empty() {
            self.picture.text(28, self.y + 15, LIGHT, visible(label));
        }
        self.y = end;
    }

    fn block(&mut self, style: Style, title: &str, rows: &[Row]) {
        let top = self.y;
        let mut y = self.picture.lines(10, top + 19, style, title, ROOM);
        self.words.push(visible(title));
        for row in rows {
            y += 20;
            self.picture.mark(10, y - 12, row.verdict);
            self.picture.text(30, y, LIGHT, row.word);
            y = self.picture.lines(104, y, PLAIN, &row.text, 34);
            self.words.push(visible(&format!("  {}: {} ({})", row.word, row.text, row.verdict)));
        }
        let height = y + 10 - top;
        self.picture.frame(1, top, super::WIDTH - 2, height);
        self.y = top + height;
    }
}
