//! Software in a line: known products, systems, and what has the form of a name and a version.

use super::guess::{is_generic, is_name, leads};
use super::inner::inner;
use super::named::{Named, phrase, product};
use super::products::{
    DATES, ENDS, MARKERS, PLAIN, PROTOCOLS, SERVERS, SHORT_TAILS, SYSTEMS, TAILS, UNITS, VERSIONED, WEAK_MARKERS,
    one_of,
};
use super::versions::{Version, read, read_glued};
use super::words::{Front, Shape, Word};
use super::{Disclosure, What};

/// So many words behind a product's name may its version stand.
const NEAR: usize = 6;

/// Finds software in the words of a line, of which the first ones are a host's name.
pub(super) fn scan(line: &str, words: &[Word<'_>], skipped: usize, front: Front, found: &mut Vec<Disclosure>) {
    // "250-mx.example.com Foo 7.1 Hello client": of itself a server speaks before the greeting.
    let hello = words.iter().position(|word| matches!(word.lower.as_str(), "hello" | "hi" | "greets"));
    if let Some(hello) = hello.filter(|hello| front.code == 250 && *hello > skipped) {
        scan(line, words.get(..hello).unwrap_or(&[]), skipped, Front { code: 220, ..front }, found);
        scan_from(line, words, hello, front, found);
    } else {
        scan_from(line, words, skipped, front, found);
    }
}

fn scan_from(line: &str, words: &[Word<'_>], skipped: usize, front: Front, found: &mut Vec<Disclosure>) {
    let known = found.len();
    let Front { code, other, .. } = front;
    let mut scan = Scan { line, words, floor: skipped, code, other, found, near: 0, behind: None, known };
    let mut at = skipped;
    while at < words.len() {
        at += scan.step(at).max(1);
    }
    scan.name_alone();
}

/// A line as it is gone through.
pub(super) struct Scan<'a> {
    pub(super) line: &'a str,
    pub(super) words: &'a [Word<'a>],
    pub(super) floor: usize,
    pub(super) code: u16,
    /// Is it a line of IMAP, POP3 or ManageSieve, by its status?
    pub(super) other: bool,
    pub(super) found: &'a mut Vec<Disclosure>,
    /// How many more words may stand between the last product and its version.
    pub(super) near: usize,
    /// The word behind the last product.
    pub(super) behind: Option<usize>,
    /// How much was found before.
    pub(super) known: usize,
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
        let ends = one_of(ENDS, &word.lower) && !(word.lower == "ready" && self.closes(at + 1));
        self.near = if ends || word.apart { 0 } else { self.near.saturating_sub(1) };
        1
    }

    /// Is this a text in which a server tells of itself, so that unknown names may be its own?
    pub(super) const fn guesses(&self) -> bool {
        matches!(self.code, 0 | 214 | 220 | 221)
    }

    pub(super) fn add(&mut self, what: What, start: usize, end: usize) {
        self.found.push(Disclosure { what, start, end });
    }

    pub(super) fn has(&self, what: What) -> bool {
        self.found.iter().skip(self.known).any(|span| span.what == what)
    }

    pub(super) fn word(&self, at: usize) -> Option<&Word<'_>> {
        self.words.get(at)
    }

    pub(super) fn lower(&self, at: usize) -> &str {
        self.word(at).map_or("", |word| &word.lower)
    }

    /// A known product; its version may be part of the same word.
    fn product(&mut self, at: usize, named: &Named) -> usize {
        let len = named.len;
        let Some(word) = self.words.get(at) else {
            return len;
        };
        // "blocked using Barracuda Reputation" is of someone else, "rejected by SpamAssassin 4.0" is not.
        let cue = at.checked_sub(1).map_or("", |at| self.lower(at));
        let list = at > 1 && matches!(self.lower(at - 2), "listed" | "blacklisted")
            || self.word(at + len).is_some_and(|next| !next.apart && !next.opens && read(next.text).is_none());
        let other = self.code >= 400 && (matches!(cue, "at" | "connecting" | "using" | "your") || cue == "by" && list);
        // "250 mx.example.com Hello Zimbra [192.0.2.1]": that is the client's name.
        let other = other || self.code == 250 && matches!(cue, "hello" | "hi");
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
    pub(super) fn accept(&mut self, word: &Word<'_>, version: Version) {
        self.near = 0;
        // Apple's Cyrus: "v2.3.8-OS X Server 10.5".
        let behind = self.line.get(word.end()..).unwrap_or("");
        if let Some(head) = word.text.strip_suffix("-OS").filter(|_| behind.starts_with(" X ")) {
            self.add(What::Version, word.start + version.start, word.start + head.len());
            self.add(What::Os, word.start + head.len() + 1, word.end() + 2);
            return;
        }
        self.add(What::Version, word.start + version.start, word.end());
        systems(self.line, word.start + version.head, word.end(), self.found);
    }

    /// A system, perhaps with a version of its own.
    fn system(&mut self, at: usize) -> Option<usize> {
        let word = self.words.get(at)?;
        // "Foo (VMS V7.3)", "Foo on z/OS V2R5": nothing of the product's stands there.
        let placed = word.opens || at > 0 && matches!(self.lower(at - 1), "on" | "under");
        // Windows are opened, and clubs are alpine.
        let counts = match word.lower.as_str() {
            "windows" => word.is_capital(),
            "alpine" | "android" => placed || self.lower(at + 1) == "linux",
            _ => true,
        };
        if !counts {
            return None;
        }
        if let Some(len) = phrase(self.words, at, SYSTEMS) {
            // "Debian GNU/Linux 12".
            let gnu = self.words.get(at + len).filter(|next| next.lower == "gnu/linux");
            let len = len + usize::from(gnu.is_some_and(|gnu| self.is_glued(word, gnu)));
            let last = self.words.get(at + len - 1)?;
            let behind = self.words.get(at + len).filter(|behind| self.is_glued(last, behind));
            let waits = self.near > 0 && !placed;
            let version = |text| read(text).or_else(|| read_glued(text).filter(|_| placed));
            let own = behind.filter(|behind| version(&behind.lower).is_some_and(|version| !version.marked || !waits));
            // "For Windows users" is of the clients.
            if matches!(self.lower(at + len), "clients" | "user" | "users") {
                return Some(len);
            }
            let end = own.unwrap_or(last).end();
            let taken = len + usize::from(own.is_some());
            // "Foo Server for NetWare": software is made for systems.
            if !self.has(What::Product)
                && let Some(made) = at.checked_sub(1).filter(|made| *made > self.floor && self.lower(*made) == "for")
                && self.guesses()
            {
                self.name(made, Version::default());
            }
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
            let versioned = letters.len() < part.len() && one_of(SHORT_TAILS, letters) && word.text.len() < 20;
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
        // "TLS 1.2", "protocol version 4r1".
        let of_protocol = one_of(MARKERS, &before) && at > self.floor + 1 && one_of(VERSIONED, self.lower(at - 2));
        // And "MIME-Version 1.0".
        if one_of(VERSIONED, before.strip_suffix("-version").unwrap_or(&before)) || of_protocol {
            return false;
        }
        let adjacent = self.behind == Some(at);
        let marker = one_of(MARKERS, &before) || self.near > 0 && one_of(WEAK_MARKERS, &before);
        let shouted = self.near > 0
            && word.is_capital()
            && !word.text.get(1..).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        // "Foo R3.2", "Foo r12345".
        let called = !word.apart
            && self.guesses()
            && at.checked_sub(1).filter(|at| *at >= self.floor).and_then(|at| self.word(at)).is_some_and(|before| {
                before.shape == Shape::Plain
                    && before.is_capital()
                    && !one_of(PLAIN, &before.lower)
                    && !one_of(PROTOCOLS, &before.lower)
            });
        let numbers = word.lower.strip_prefix('r').unwrap_or("");
        let revision = called
            && numbers.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && (numbers.contains('.') || numbers.len() > 3);
        let glued = adjacent || shouted || marker || revision;
        let version = read(word.text).or_else(|| read_glued(word.text).filter(|_| glued));
        let Some(version) = version else {
            return false;
        };
        // "2026.03.05 09.08.07", "05032026.07": when it was said.
        let first = word.text.get(version.start..version.head).and_then(|text| text.split('.').next()).unwrap_or("");
        let clock =
            self.word(at + 1).and_then(|next| read(next.text)).is_some_and(|next| next.numbers > 1 && !next.marked);
        let dated = version.maybe_date && clock || first.len() > 6 && version.numbers > 1;
        if dated && !version.marked && !marker {
            return false;
        }
        if version.address && self.is_inner_literal(word) {
            return false;
        }
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
            let single = adjacent && ends && glued && !word.apart && word.text.len() < 4 && version.numbers == 1;
            // "Citadel server v997".
            let marked = version.marked && !self.words.get(at - 1).is_some_and(|word| one_of(PROTOCOLS, &word.lower));
            let marked = adjacent && version.marked || marked && between.iter().all(is_generic) && !between.is_empty();
            if version.is_full() && !far && !amount || marked || single {
                self.accept(word, version);
                return true;
            }
        }
        let version = Version { marked: version.marked || revision, ..version };
        if version.numbers == 1 && self.single(at, version) {
            self.accept(word, version);
            return true;
        }
        let comma = at
            .checked_sub(1)
            .and_then(|at| self.word(at))
            .is_some_and(|before| self.line.get(before.end()..word.start).is_some_and(|gap| gap.contains(',')));
        // "Foo ESMTP Service, 3.2.1 ready".
        let comma =
            comma && !(version.numbers > 2 && at.checked_sub(1).and_then(|at| self.word(at)).is_some_and(is_generic));
        // "Foo 6.2.0.55 SMTP", "Foo (6.0.0.2)", "Foo Mail Gateway 3.5.2.40".
        let capital = |at| self.word(at).is_some_and(|word| word.is_capital() && !one_of(PROTOCOLS, &word.lower));
        let named = at > self.floor + 1 && one_of(SERVERS, &before) && capital(at - 1) && capital(at - 2);
        // "(Foo 6.3.2.118)".
        let closed = self.line.get(word.end()..).is_some_and(|rest| rest.starts_with(')'));
        let named =
            named || closed && at > self.floor && capital(at - 1) && self.word(at - 1).is_some_and(|word| word.opens);
        let placed = self.word(at + 1).is_some_and(is_generic) || word.opens && word.text.contains(".0.") || named;
        let address = version.address && !(is_low(word.text) && placed);
        if !version.is_full() || amount || (address || comma) && !version.marked || !self.guesses() {
            return false;
        }
        if before.is_empty() && !version.marked && !is_year(word.text) {
            return false;
        }
        let is_new = self.name(at, version);
        if named && version.address && !is_new {
            return false;
        }
        let alone = match before.as_str() {
            "imap4rev1" | "imap4" | "pop3" => is_year(word.text),
            // Sendmail with its name taken out: "ESMTP 8.13.8/8.13.8".
            "esmtp" | "smtp" => is_small(word.text),
            // "ESMTP Service (7.3.142) ready": nothing else stands alone in brackets there.
            "service" => (word.opens || self.serves(at)) && version.numbers > 2 && is_small(word.text),
            // Ids begin with more digits.
            _ => {
                one_of(SERVERS, &before) && word.text.contains('.') && (first.len() < 4 || is_year(first))
                    || is_year(word.text) && self.lower(at + 1) == "server"
            }
        };
        // "Policy v2.1" is of something else.
        let other = one_of(PLAIN, &before) && !leads(&before);
        if is_new || alone && !version.maybe_date || version.marked && !other {
            self.accept(word, version);
            return true;
        }
        false
    }

    /// "IMAP4 Service 5.2.1": does a protocol stand before the service?
    fn serves(&self, at: usize) -> bool {
        at.checked_sub(2).is_some_and(|before| one_of(PROTOCOLS, self.lower(before)))
    }

    /// "[10.1.2.3]": an address literal (RFC 5321 section 4.1.3) of an inner network, and no version.
    fn is_inner_literal(&self, word: &Word<'_>) -> bool {
        let around = |at: Option<usize>| at.and_then(|at| self.line.as_bytes().get(at)).copied();
        let literal = around(word.start.checked_sub(1)) == Some(b'[') && around(Some(word.end())) == Some(b']');
        literal && inner(word.text).is_some()
    }

    /// "Zimbra IMAP4rev1 server ready 8.8.15_GA_4562": is the last word a version, and nothing else?
    fn closes(&self, at: usize) -> bool {
        let last = self.word(at).filter(|_| self.words.len() == at + 1);
        last.is_some_and(|last| {
            read(last.text).filter(|version| version.numbers > 2).is_some_and(|version| {
                let numbers = last.text.get(version.start..version.head).unwrap_or("");
                !(version.date || version.maybe_date || version.address) && is_small(numbers)
            })
        })
    }

    /// "ESMTP Armadillo v14": a name behind the protocol, and a single number that says of itself what it is.
    fn single(&mut self, at: usize, version: Version) -> bool {
        // "Armadillo ESMTP Server v14".
        let between = self.words.iter().take(at).skip(self.floor).rev().take_while(|word| is_generic(word)).count();
        let last = at - between;
        let fits = |word: &&Word<'_>| {
            let plain = one_of(PLAIN, &word.lower) || one_of(SYSTEMS, &word.lower);
            word.shape == Shape::Plain && word.has_capital() && !plain && !one_of(PROTOCOLS, &word.lower)
        };
        let len = self.words.iter().take(last).skip(self.floor).rev().take(3).take_while(fits).count();
        let (Some(first), Some(name)) = (self.word(last - len), last.checked_sub(1).and_then(|last| self.word(last)))
        else {
            return false;
        };
        let before =
            (last - len).checked_sub(1).filter(|before| *before >= self.floor).map(|before| self.lower(before));
        let placed = before.is_none_or(|before| one_of(PROTOCOLS, before) || matches!(before, "by" | "running"));
        if len == 0 || !(version.marked && placed && is_name(first.text) && !is_generic(first) && self.guesses()) {
            return false;
        }
        let (start, end) = (first.start, name.end());
        self.add(What::Product, start, end);
        true
    }

    /// Does the word at a place, such as "version", speak of software here?
    fn marked(&self, marker: usize, version: Version) -> bool {
        let Some(before) = marker.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at))
        else {
            return version.numbers > 1;
        };
        let protocol = one_of(PROTOCOLS, &before.lower) && self.near == 0;
        // "220 mx.example.com Foo ESMTP Version 12 ready", but not "SMTP Version 2 clients".
        let named = self.before(marker).is_some_and(|word| word.is_capital() && !one_of(PLAIN, &word.lower));
        // "AUP version 3.0 applies" is of something else.
        let other = self.near == 0 && one_of(PLAIN, &before.lower) && !leads(&before.lower);
        !one_of(VERSIONED, &before.lower) && !other && (version.numbers > 1 || !protocol || named)
    }
}

/// The systems that a version's tail names.
pub(super) fn systems(line: &str, mut start: usize, end: usize, found: &mut Vec<Disclosure>) {
    while let Some(rest) = line.get(start..end).filter(|rest| !rest.is_empty()) {
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let run = rest.get(..letters).unwrap_or("").to_ascii_lowercase();
        let digit = rest.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
        if one_of(TAILS, &run) || digit && one_of(SHORT_TAILS, &run) {
            found.push(Disclosure { what: What::Os, start, end: start + letters });
        }
        start += letters + rest.get(letters..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
}

/// Do small numbers stand here, which are no time either?
fn is_small(word: &str) -> bool {
    let head = word.split(['/', '-', '+']).next().unwrap_or(word);
    let clock = head.split('.').count() == 3 && head.split('.').all(|part| part.len() == 2);
    !clock && head.split('.').all(|part| part.len() < 4) && head.split('.').next().is_some_and(|first| first.len() < 3)
}

/// Is this more likely a version than an address: "Foo 6.2.0.55 SMTP"?
fn is_low(word: &str) -> bool {
    let first = word.split('.').next().and_then(|first| first.parse::<u8>().ok());
    first.is_some_and(|first| first < 20 && first != 10)
}

/// The versions of UW's servers begin with a year.
fn is_year(word: &str) -> bool {
    word.starts_with("19") || word.starts_with("20")
}
