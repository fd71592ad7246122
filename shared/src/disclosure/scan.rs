//! Software in a line: known products, systems, and what has the form of a name and a version.

use super::named::{Named, phrase, product};
use super::products::{
    DATES, ENDS, MARKERS, NOUNS, PLAIN, PROTOCOLS, SERVERS, SHORT_TAILS, SYSTEMS, TAILS, UNITS, VERSIONED,
    WEAK_MARKERS, one_of,
};
use super::versions::{Version, joined, read, read_glued};
use super::words::{Shape, Word};
use super::{Disclosure, What};

/// So many words behind a product's name may its version stand.
const NEAR: usize = 6;

/// Finds software in the words of a line, of which the first ones are a host's name.
pub(super) fn scan(line: &str, words: &[Word<'_>], skipped: usize, code: u16, found: &mut Vec<Disclosure>) {
    let known = found.len();
    let mut scan = Scan { line, words, floor: skipped, code, found, near: 0, behind: None, known };
    let mut at = skipped;
    while at < words.len() {
        at += scan.step(at).max(1);
    }
    scan.camel_case();
}

struct Scan<'a> {
    line: &'a str,
    words: &'a [Word<'a>],
    floor: usize,
    code: u16,
    found: &'a mut Vec<Disclosure>,
    /// How many more words may stand between the last product and its version.
    near: usize,
    /// The word behind the last product.
    behind: Option<usize>,
    /// How much was found before.
    known: usize,
}

impl Scan<'_> {
    /// Looks at a word; says how many it took.
    fn step(&mut self, at: usize) -> usize {
        let words = self.words;
        let Some(word) = words.get(at) else {
            return 1;
        };
        if word.shape == Shape::Address {
            return 1;
        }
        if let Some(named) = product(words, at) {
            return self.product(at, &named);
        }
        if word.shape == Shape::Host {
            self.near = self.near.saturating_sub(1);
            return 1;
        }
        if let Some(len) = self.system(at) {
            return len;
        }
        if matches!(word.lower.as_str(), "built" | "compiled")
            && let Some(len) = self.built(at)
        {
            return len;
        }
        if self.version(at) || self.guesses() && self.joined(at) {
            return 1;
        }
        self.near = if one_of(ENDS, &word.lower) || word.apart { 0 } else { self.near.saturating_sub(1) };
        1
    }

    /// Is this a text in which a server tells of itself, so that unknown names may be its own?
    const fn guesses(&self) -> bool {
        matches!(self.code, 0 | 214 | 220 | 221)
    }

    fn add(&mut self, what: What, start: usize, end: usize) {
        self.found.push(Disclosure { what, start, end });
    }

    fn has(&self, what: What) -> bool {
        self.found.iter().skip(self.known).any(|span| span.what == what)
    }

    fn word(&self, at: usize) -> Option<&Word<'_>> {
        self.words.get(at)
    }

    fn lower(&self, at: usize) -> &str {
        self.word(at).map_or("", |word| &word.lower)
    }

    /// A known product; its version may be part of the same word.
    fn product(&mut self, at: usize, named: &Named) -> usize {
        let len = named.len;
        let Some(word) = self.words.get(at) else {
            return len;
        };
        // "blocked using Barracuda Reputation" is of someone else.
        let other = self.code >= 400 && at > 0 && matches!(self.lower(at - 1), "using" | "by" | "at");
        // "250-LIMITS MAILMAX=25" is a parameter.
        let parameter = self.line.get(named.end..).is_some_and(|rest| rest.starts_with('='));
        if other || parameter {
            return len;
        }
        self.add(What::Product, named.start, named.end);
        // "Microsoft Windows POP3 Service" and "Ubuntu/Postfix" name their system too.
        for part in self.words.iter().skip(at).take(len) {
            let mut from = part.start;
            for piece in part.lower.split(['/', '-']) {
                if one_of(SYSTEMS, piece) {
                    self.found.push(Disclosure { what: What::Os, start: from, end: from + piece.len() });
                }
                from += piece.len() + 1;
            }
        }
        self.near = NEAR;
        self.behind = Some(at + len);
        if let Some(version) = named.version {
            self.accept(word, version);
        }
        len
    }

    /// Takes a version, and the systems that its tail names.
    fn accept(&mut self, word: &Word<'_>, version: Version) {
        self.near = 0;
        // Apple's Cyrus: "v2.3.8-OS X Server 10.5".
        let behind = self.line.get(word.end()..).unwrap_or("");
        if let Some(head) = word.text.strip_suffix("-OS").filter(|_| behind.starts_with(" X ")) {
            self.add(What::Version, word.start + version.start, word.start + head.len());
            self.add(What::Os, word.start + head.len() + 1, word.end() + 2);
            return;
        }
        self.add(What::Version, word.start + version.start, word.end());
        let tail = word.text.get(version.head..).unwrap_or("");
        let mut from = 0;
        while let Some(rest) = tail.get(from..).filter(|rest| !rest.is_empty()) {
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let run = rest.get(..letters).unwrap_or("").to_ascii_lowercase();
            let digit = rest.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
            if one_of(TAILS, &run) || digit && one_of(SHORT_TAILS, &run) {
                let start = word.start + version.head + from;
                self.add(What::Os, start, start + letters);
            }
            from += letters + rest.get(letters..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
    }

    /// A system, perhaps with a version of its own.
    fn system(&mut self, at: usize) -> Option<usize> {
        let word = self.words.get(at)?;
        if let Some(len) = phrase(self.words, at, SYSTEMS).filter(|_| word.lower != "windows" || word.is_capital()) {
            let last = self.words.get(at + len - 1)?;
            let behind = self.words.get(at + len).filter(|behind| self.is_glued(last, behind));
            let waits = self.near > 0;
            let own = behind.filter(|behind| read(&behind.lower).is_some_and(|version| !version.marked || !waits));
            let end = own.unwrap_or(last).end();
            let taken = len + usize::from(own.is_some());
            self.add(What::Os, word.start, end);
            // "Sendmail AIX 5.1/8.11.0": behind the system's version stands the product's.
            if let Some(own) = own.filter(|own| self.near > 0 && own.text.contains('/')) {
                let (_, rest) = own.text.split_once('/')?;
                if let Some(version) = read(rest).filter(|version| version.is_full()) {
                    let start = own.end() - rest.len();
                    self.add(What::Version, start + version.start, own.end());
                    self.near = 0;
                }
            }
            return Some(taken);
        }
        // "x86_64-pc-linux-gnu", "Linux/Ix86", "AIX5.1".
        // A version's tail is read with it.
        let glued = self.behind == Some(at) && read_glued(word.text).is_some();
        let head = word.lower.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        if read(word.text).is_some() || glued && !one_of(SYSTEMS, head) {
            return None;
        }
        let head = word.lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        if head.len() < word.text.len() && one_of(SYSTEMS, head) {
            self.add(What::Os, word.start, word.end());
            return Some(1);
        }
        let mut from = 0;
        for part in word.lower.split(['-', '/', '_']) {
            let letters = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            let versioned = letters.len() < part.len() && one_of(SHORT_TAILS, letters);
            if one_of(SYSTEMS, letters) && letters != "windows" || versioned && word.opens {
                let start = word.start + from;
                self.add(What::Os, start, start + part.len());
                // What stands behind may be the product's version.
                let rest = word.text.get(from + part.len() + 1..).unwrap_or("");
                if let Some(version) = read(rest).filter(|version| version.is_full() && self.near > 0) {
                    self.add(What::Version, start + part.len() + 1 + version.start, word.end());
                    self.near = 0;
                }
                return Some(1);
            }
            from += part.len() + 1;
        }
        None
    }

    /// Does nothing but space stand between these words?
    fn is_glued(&self, before: &Word<'_>, behind: &Word<'_>) -> bool {
        self.line.get(before.end()..behind.start).is_some_and(|gap| gap.trim().is_empty())
    }

    /// The date of a build: "(built Jul 15 2010)".
    fn built(&mut self, at: usize) -> Option<usize> {
        let is_date = |word: &&Word<'_>| {
            one_of(DATES, &word.lower)
                || word.text.starts_with(|c: char| c.is_ascii_digit())
                || matches!(word.lower.as_str(), "on" | "at")
        };
        let parts: Vec<_> = self.words.iter().skip(at + 1).take(6).take_while(is_date).collect();
        let numbers = parts.iter().filter(|word| word.text.starts_with(|c: char| c.is_ascii_digit())).count();
        let (first, last) = (parts.first()?.start, parts.last()?.end());
        if numbers == 0 || !self.guesses() {
            return None;
        }
        let len = parts.len();
        self.add(What::Version, first, last);
        Some(len + 1)
    }

    /// A word that is a version by where it stands.
    fn version(&mut self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else {
            return false;
        };
        let before = if at > self.floor && !word.apart { self.lower(at - 1).to_owned() } else { String::new() };
        if one_of(VERSIONED, &before) {
            return false;
        }
        let adjacent = self.behind == Some(at);
        let marker = one_of(MARKERS, &before) || self.near > 0 && one_of(WEAK_MARKERS, &before);
        let shouted = self.near > 0
            && word.is_capital()
            && !word.text.get(1..).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        let glued = adjacent || shouted || marker && self.has(What::Product);
        let version = read(word.text).or_else(|| read_glued(word.text).filter(|_| glued));
        let Some(version) = version else {
            return false;
        };
        let amount = self.words.get(at + 1).is_some_and(|next| !next.apart && one_of(UNITS, &next.lower));
        if marker && self.marked(at - 1, version) && (self.guesses() || self.has(What::Product)) {
            if !self.has(What::Product) {
                self.name(at - 1, version);
            }
            self.accept(word, version);
            return true;
        }
        if self.near > 0 {
            let between = self.words.get(self.behind.unwrap_or(at)..at).unwrap_or(&[]);
            let small = word.text.split('.').next().is_some_and(|first| first.len() < 3);
            let far = version.address && !(small && between.iter().all(is_generic));
            // "Domino 14 ESMTP", but not "Postfix 24 Nov".
            let next = self.words.get(at + 1);
            let ends = next.is_none_or(|next| is_generic(next) || next.lower == "ready");
            let glued =
                at.checked_sub(1).and_then(|at| self.word(at)).is_some_and(|before| self.is_glued(before, word));
            let single = adjacent && ends && glued && !word.apart && word.text.len() < 3 && version.numbers == 1;
            if version.is_full() && !far && !amount || adjacent && version.marked || single {
                self.accept(word, version);
                return true;
            }
        }
        let comma = at
            .checked_sub(1)
            .and_then(|at| self.word(at))
            .is_some_and(|before| self.line.get(before.end()..word.start).is_some_and(|gap| gap.contains(',')));
        if !version.is_full() || amount || (version.address || comma) && !version.marked || !self.guesses() {
            return false;
        }
        if before.is_empty() && !version.marked && !is_year(word.text) {
            return false;
        }
        let is_new = self.name(at, version);
        let alone = match before.as_str() {
            "imap4rev1" | "imap4" | "pop3" => is_year(word.text),
            // Sendmail with its name taken out: "ESMTP 8.13.8/8.13.8".
            "esmtp" | "smtp" => is_small(word.text),
            // "ESMTP Service (7.3.142) ready": nothing else stands alone in brackets there.
            "service" => word.opens && version.numbers > 2 && is_small(word.text),
            _ => one_of(SERVERS, &before) || is_year(word.text) && self.lower(at + 1) == "server",
        };
        if is_new || alone && !version.maybe_date || version.marked {
            self.accept(word, version);
            return true;
        }
        false
    }

    /// Does the word at a place, such as "version", speak of software here?
    fn marked(&self, marker: usize, version: Version) -> bool {
        let Some(before) = marker.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at))
        else {
            return version.numbers > 1;
        };
        let protocol = one_of(PROTOCOLS, &before.lower) && self.near == 0;
        !one_of(VERSIONED, &before.lower) && (version.numbers > 1 || !protocol)
    }

    /// Takes the words before a place as a product's name, if they look like one.
    fn name(&mut self, at: usize, version: Version) -> bool {
        let mut from = at;
        while from > self.floor && at - from < 8 && !self.words.get(from).is_some_and(|word| word.apart) {
            let Some(word) = self.word(from - 1) else {
                break;
            };
            let fits =
                is_generic(word) || word.is_capital() && !one_of(PLAIN, &word.lower) && !one_of(SYSTEMS, &word.lower);
            if word.shape != Shape::Plain || !fits {
                break;
            }
            from -= 1;
        }
        // In the midst of prose a capital letter and a number are no software.
        let prose = |word: &Word<'_>| !word.is_capital() && !is_generic(word) && !one_of(PLAIN, &word.lower);
        let within = from.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at));
        // "[joses mi33] RZmta 47.34.10": what is in brackets is a clause of its own.
        let closed = within
            .zip(self.word(from))
            .and_then(|(before, word)| self.line.get(before.end()..word.start))
            .is_some_and(|gap| gap.contains([']', ')']));
        let cut = closed || self.word(from).is_some_and(|word| word.apart || word.opens);
        if from < at && !cut && within.is_some_and(|before| prose(before) && before.text != "running") {
            return false;
        }
        let run: Vec<_> = self.words.iter().take(at).skip(from).collect();
        let lead = run.iter().take_while(|word| is_generic(word)).count();
        let trail = run.iter().rev().take_while(|word| one_of(PROTOCOLS, &word.lower) || word.lower == "tm").count();
        let kept = run.get(lead..run.len().saturating_sub(trail)).unwrap_or(&[]);
        // "PMailServer [Free Edition]": what is in brackets is none of the name.
        let outside = kept.iter().skip(1).take_while(|word| !word.opens || word.lower == "tm").count();
        let kept = kept.get(..kept.len().min(outside + 1)).unwrap_or(&[]);
        if let (Some(first), Some(last)) = (kept.first(), kept.last())
            && is_name(first.text)
        {
            let (start, end) = (first.start, last.end());
            self.add(What::Product, start, end);
            return true;
        }
        // "ESMTP chasquid 1.11": a name without a capital stands behind the protocol.
        let Some(before) = at.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at)) else {
            return false;
        };
        let placed = at < 2 + self.floor || one_of(PROTOCOLS, self.lower(at - 2));
        let lower = before.text.len() > 3 && before.text.bytes().all(|b| b.is_ascii_lowercase());
        let plain = is_generic(before) || one_of(PLAIN, &before.lower) || one_of(MARKERS, &before.lower);
        if placed && lower && !plain && version.numbers > 1 {
            let (start, end) = (before.start, before.end());
            self.add(What::Product, start, end);
            return true;
        }
        false
    }

    /// A name and a version in one word: "FooMail/3.2", "foo-mta-1.2.3".
    fn joined(&mut self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else {
            return false;
        };
        let Some((end, version)) = joined(word.text) else {
            return false;
        };
        let name = word.text.get(..end).unwrap_or("");
        let lower = name.to_ascii_lowercase();
        let plain = one_of(PLAIN, &lower) || one_of(NOUNS, &lower) || one_of(PROTOCOLS, &lower);
        let address = word.text.get(version.start..).is_some_and(|rest| rest.parse::<std::net::Ipv4Addr>().is_ok());
        let slash = word.text.get(end..).is_some_and(|rest| rest.starts_with('/'));
        let placed = at == self.floor || self.words.get(at - 1).is_some_and(is_generic);
        let enough = if placed && word.is_capital() || slash { 2 } else { 3 };
        if plain
            || address
            || version.date
            || version.maybe_date
            || version.numbers < enough
            || !is_name(name)
            || name.contains(|c: char| c.is_ascii_digit() || c == '/')
        {
            return false;
        }
        self.add(What::Product, word.start, word.start + end);
        self.accept(word, version);
        true
    }

    /// A name such as FooMTA or foosmtpd, where nothing else named the product.
    fn camel_case(&mut self) {
        if self.has(What::Product) || !self.guesses() {
            return;
        }
        let is_one = |word: &&Word<'_>| {
            let stem = ["smtpd", "imapd", "pop3d", "popd", "mta", "smtp", "imap"]
                .into_iter()
                .find(|stem| word.lower.ends_with(stem));
            let head = stem.and_then(|stem| word.text.get(..word.text.len() - stem.len())).unwrap_or("");
            let daemon = stem.is_some_and(|stem| stem.ends_with('d'));
            let camel = head.ends_with(|c: char| c.is_ascii_lowercase())
                && word.text.ends_with(|c: char| c.is_ascii_uppercase());
            let letters = head.bytes().filter(u8::is_ascii_alphabetic).count();
            let plain = one_of(NOUNS, &word.lower) || one_of(PROTOCOLS, &word.lower) || one_of(PLAIN, &word.lower);
            word.shape == Shape::Plain && letters > 1 && letters == head.len() && !plain && (daemon || camel)
        };
        if let Some(word) = self.words.iter().skip(self.floor).find(is_one) {
            let (start, end) = (word.start, word.end());
            self.add(What::Product, start, end);
        }
    }
}

/// Is it a word that names no product alone?
fn is_generic(word: &Word<'_>) -> bool {
    one_of(NOUNS, &word.lower) || one_of(PROTOCOLS, &word.lower)
}

/// Letters, and few digits, as in names; ids have more digits than that.
fn is_name(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    letters > 1 && digits < 3 && digits < letters && word.starts_with(char::is_alphabetic)
}

/// Do small numbers stand here, which are no time either?
fn is_small(word: &str) -> bool {
    let head = word.split(['/', '-', '+']).next().unwrap_or(word);
    let clock = head.split('.').count() == 3 && head.split('.').all(|part| part.len() == 2);
    !clock && head.split('.').all(|part| part.len() < 4) && head.split('.').next().is_some_and(|first| first.len() < 3)
}

/// The versions of UW's servers begin with a year.
fn is_year(word: &str) -> bool {
    word.starts_with("19") || word.starts_with("20")
}
