//! Names that are in no table: what stands before a version, and what looks like a name of mail software.

use super::What;
use super::products::{MARKERS, NOUNS, PLAIN, PROTOCOLS, ROLES, SYSTEMS, VERSIONED, WEAK_MARKERS, one_of};
use super::scan::Scan;
use super::versions::{Version, joined};
use super::words::{Shape, Word};

impl Scan<'_> {
    /// Takes the words before a place as a product's name, if they look like one.
    pub(super) fn name(&mut self, at: usize, version: Version) -> bool {
        let mut from = at;
        while from > self.floor && at - from < 8 && !self.words.get(from).is_some_and(|word| word.apart) {
            let Some(word) = self.word(from - 1) else {
                break;
            };
            let fits =
                is_generic(word) || word.has_capital() && !one_of(PLAIN, &word.lower) && !one_of(SYSTEMS, &word.lower);
            // "Example Software - FooMail 1.0": the dash stands between maker and product.
            let dash = from < at
                && self
                    .word(from)
                    .and_then(|next| self.line.get(word.end()..next.start))
                    .is_some_and(|gap| gap.contains('-'));
            if word.shape != Shape::Plain || !fits || dash {
                break;
            }
            from -= 1;
        }
        // "220 mx.example.com foozle SMTP 3.2.1".
        let headed = from == self.floor + 1 && from < at && one_of(PROTOCOLS, self.lower(from));
        if !headed && self.is_prose(from, at, version) {
            return false;
        }
        let run: Vec<_> = self.words.iter().take(at).skip(from).collect();
        // "Internet Anywhere POP3 Server": with a capital some of them begin a name.
        let begins = |word: &Word<'_>| {
            word.is_capital() && one_of("advanced|enterprise|internet|message|secure|simple", &word.lower)
        };
        let lead = run.iter().take_while(|word| is_generic(word) && !begins(word)).count();
        // "Foo ESMTP service, build 4.3": a noun in small letters is said of it.
        let said = |word: &&&Word<'_>| {
            one_of(PROTOCOLS, &word.lower) || word.lower == "tm" || is_generic(word) && !word.has_capital()
        };
        let trail = run.iter().rev().take_while(said).count();
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
        let marked = one_of(MARKERS, self.lower(at));
        let at = if headed { from } else { at };
        let Some(before) = at.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at)) else {
            return false;
        };
        let placed = at < 2 + self.floor
            || before.opens && (marked || version.numbers > 2)
            || one_of(PROTOCOLS, self.lower(at - 2))
            || matches!(self.lower(at - 2), "by" | "from" | "is" | "running" | "using");
        let placed = placed || version.marked;
        let lower = before.text.len() > 3
            && is_name(before.text)
            && before.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        // "popgate(5.2.1)".
        let glued = self.word(at).is_some_and(|word| word.opens && word.start == before.end() + 1);
        let placed = placed || glued;
        let plain = is_generic(before)
            || one_of(WEAK_MARKERS, &before.lower)
            || says_nothing(&before.lower)
            || one_of(MARKERS, &before.lower);
        if placed && lower && !plain && version.numbers > 1 {
            let (start, end) = (before.start, before.end());
            self.add(What::Product, start, end);
            return true;
        }
        false
    }

    /// Are the words from a place up to a version part of a sentence, rather than a name?
    fn is_prose(&self, from: usize, at: usize, version: Version) -> bool {
        // In the midst of prose a capital letter and a number are no software.
        let prose = |word: &Word<'_>| {
            word.shape != Shape::Host && !word.is_capital() && !is_generic(word) && !one_of(PLAIN, &word.lower)
        };
        let within = from.checked_sub(1).filter(|before| *before >= self.floor).and_then(|at| self.word(at));
        // "[joses mi33] RZmta 47.34.10": what is in brackets is a clause of its own.
        let closed = within
            .zip(self.word(from))
            .and_then(|(before, word)| self.line.get(before.end()..word.start))
            .is_some_and(|gap| gap.contains([']', ')']));
        let opens = self.word(from).is_some_and(|word| word.opens);
        let cut = closed || opens || self.word(from).is_some_and(|word| word.apart);
        if from < at && !cut && within.is_some_and(|before| prose(before) && before.text != "running") {
            return true;
        }
        // Nor are they in a sentence that goes on: "IPv4 only, MTU 1500.9000".
        let goes_on = |word: &Word<'_>| one_of(PLAIN, &word.lower) && !leads(&word.lower);
        let marked = version.marked || one_of(MARKERS, self.lower(at));
        // "Rate: 2.5" is a value.
        let value = at.checked_sub(1).and_then(|at| self.word(at)).zip(self.word(at));
        let value = value
            .and_then(|(name, word)| self.line.get(name.end()..word.start))
            .is_some_and(|gap| gap.starts_with([':', '=']));
        if value && !marked && version.numbers < 3 {
            return true;
        }
        if !cut && !marked && within.is_some_and(goes_on) {
            return true;
        }
        // "Example GmbH (Werk 2.1)": in brackets software stands behind what it is.
        let told = |word: &Word<'_>| is_generic(word) || leads(&word.lower) || word.shape == Shape::Host;
        opens && !closed && !marked && version.numbers < 3 && within.is_some_and(|before| !told(before))
    }

    /// A name and a version in one word: "FooMail/3.2", "foo-mta-1.2.3".
    pub(super) fn joined(&mut self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else {
            return false;
        };
        let Some((end, version)) = joined(word.text) else {
            return false;
        };
        let name = word.text.get(..end).unwrap_or("");
        let lower = name.to_ascii_lowercase();
        // "Foo Mail Server Version-5.0.2", "Foo Mail/1.4", "Foo SMTP/1.4", but not "Foo TLS/1.2".
        let noun = one_of(NOUNS, &lower);
        let spoken = one_of(PROTOCOLS, &lower) && !one_of(VERSIONED, &lower);
        if (one_of(MARKERS, &lower) || noun || spoken) && version.is_full() && !version.maybe_date {
            if !self.name(at, version) {
                return false;
            }
            if let Some(named) = self.found.last_mut().filter(|_| noun && word.is_capital()) {
                named.end = word.start + end;
            }
            self.accept(word, version);
            return true;
        }
        let address = word.text.get(version.start..).is_some_and(|rest| rest.parse::<std::net::Ipv4Addr>().is_ok());
        let slash = word.text.get(end..).is_some_and(|rest| rest.starts_with('/'));
        let placed = at == self.floor || self.words.get(at - 1).is_some_and(is_generic);
        // "EU-1.4" is a place.
        let short = name.len() < 4 && name.bytes().all(|b| b.is_ascii_uppercase());
        let enough = if placed && word.is_capital() && !short || slash { 2 } else { 3 };
        if says_nothing(&lower)
            || address
            || version.date
            || version.maybe_date && !(slash && placed)
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
}

/// Is it a plain word behind which a server names its software?
pub(super) fn leads(lower: &str) -> bool {
    matches!(lower, "by" | "is" | "on" | "ready" | "running" | "to" | "using" | "via" | "welcome" | "with")
}

/// Is it a word of plain language, of a protocol, or of what such software is in general?
pub(super) fn says_nothing(lower: &str) -> bool {
    [NOUNS, PROTOCOLS, PLAIN, SYSTEMS].into_iter().any(|list| one_of(list, lower))
}

/// Is it a word that names no product alone?
pub(super) fn is_generic(word: &Word<'_>) -> bool {
    // "SMTP/ESMTP" is of two of them, "TLSv1.3" is one with its version.
    let protocol = |part: &str| {
        let bare = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        one_of(PROTOCOLS, part) || bare.strip_suffix('v').is_some_and(|bare| one_of(PROTOCOLS, bare))
    };
    one_of(NOUNS, &word.lower) || word.lower.split('/').all(protocol)
}

/// Is it a name made of words, one of them of mail, such as BaSoMail and EmailSuccess, and not only of words that
/// name nothing, such as MailExchanger?
pub(super) fn is_compound(word: &Word<'_>) -> bool {
    ["mail", "smtp", "imap", "pop3"].into_iter().any(|stem| word.lower.contains(stem)) && has_humps(word)
}

/// Is it a name made of words that begin with capitals, and not only of such that name nothing?
pub(super) fn has_humps(word: &Word<'_>) -> bool {
    let letters = word.text.trim_end_matches(|c: char| c.is_ascii_digit());
    if word.shape != Shape::Plain || letters.len() + 2 < word.text.len() || says_nothing(&word.lower) {
        return false;
    }
    let mut parts = Vec::new();
    let mut from = 0;
    let mut before = 'A';
    for (at, c) in letters.char_indices() {
        if !c.is_ascii_alphabetic() {
            return false;
        }
        if before.is_ascii_lowercase() && c.is_ascii_uppercase() {
            parts.push(letters.get(from..at).unwrap_or(""));
            from = at;
        }
        before = c;
    }
    parts.push(letters.get(from..).unwrap_or(""));
    // "QQMail" is of one kind with them.
    let shouts = letters.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = letters.get(shouts.saturating_sub(1)..).unwrap_or("").to_ascii_lowercase();
    let led = shouts > 1 && parts.len() == 1 && rest.starts_with("mail");
    let small = |part: &&str| part.len() < 2 || part.len() > 12;
    let plain = |part: &&str| {
        let part = part.to_ascii_lowercase();
        says_nothing(&part) || one_of(ROLES, &part)
    };
    // Ids change between large and small letters more often.
    (led || (2..5).contains(&parts.len())) && !(parts.iter().all(plain) || parts.iter().any(small))
}

/// Could people say it? Ids change between large and small letters anywhere, and go without vowels.
pub(super) fn is_sayable(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut from = 0;
    let mut before = 'A';
    let ends = letters.char_indices().filter(|(_, c)| {
        let ends = before.is_ascii_lowercase() && c.is_ascii_uppercase();
        before = *c;
        ends
    });
    for end in ends.map(|(at, _)| at).chain([letters.len()]) {
        let part = letters.get(from..end).unwrap_or("").to_ascii_lowercase();
        let vowels = part.contains(['a', 'e', 'i', 'o', 'u', 'y']) || part.len() < 4;
        if from > 0 && part.len() < 3 || !vowels || !part.bytes().all(|b| b.is_ascii_lowercase()) {
            return false;
        }
        from = end;
    }
    true
}

/// Letters, and few digits, as in names; ids have more digits than that.
pub(super) fn is_name(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    letters > 1 && digits < 3 && digits < letters && word.starts_with(char::is_alphabetic)
}
