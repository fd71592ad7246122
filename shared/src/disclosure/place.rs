//! Names without a version and in no table: what stands where servers say what they are.

use super::What;
use super::guess::{has_humps, is_compound, is_generic, is_name, is_sayable, says_nothing};
use super::products::{PROTOCOLS, ROLES, SERVERS, one_of};
use super::scan::Scan;
use super::versions::Version;
use super::words::{Shape, Word};

impl Scan<'_> {
    /// Looks for a name by its place or by its form, where nothing else named the product.
    pub(super) fn name_alone(&mut self) {
        if self.has(What::Product) || !self.guesses() {
            return;
        }
        let host = self.words.iter().take(self.floor).map(|word| word.lower.as_str()).collect::<String>();
        // "Foo Mail Firewall": a noun that tells software from whose it is.
        let noun = (self.floor..self.words.len()).find(|at| one_of(STRONG, self.lower(*at)));
        if let Some(noun) = noun.filter(|noun| self.word(*noun).is_some_and(|word| !word.apart))
            && self
                .before(noun)
                .is_some_and(|word| word.has_capital() && !is_plain(word) && !host.contains(&word.lower))
            && self.name(self.nouns(noun + 1), Version::default())
        {
            return;
        }
        let named = (self.floor..self.words.len()).find(|at| {
            self.word(*at).is_some_and(|word| {
                word.shape == Shape::Plain
                    // "220 mail.foomail.example ESMTP FooMail": that is whose it is.
                    && !host.contains(&word.lower)
                    && (is_compound(word) || self.is_guard(*at, word) || self.is_daemon(*at, word) || self.is_told(*at, word))
            })
        });
        if let Some(word) = named.and_then(|at| self.words.get(at)) {
            let (start, end) = (word.start, word.end());
            self.add(What::Product, start, end);
        }
    }

    /// Where the nouns end that stand at a place: "Antispam Gateway".
    fn nouns(&self, at: usize) -> usize {
        let fits = |word: &&Word<'_>| !word.apart && !word.opens && word.is_capital() && is_generic(word);
        at + self.words.iter().skip(at).take_while(fits).count()
    }

    /// The last word before a place that isn't generic.
    pub(super) fn before(&self, at: usize) -> Option<&Word<'_>> {
        self.words.iter().take(at).skip(self.floor).rev().find(|word| !is_generic(word))
    }

    /// A name such as FooGate or SpamFoo, where no sentence goes on.
    fn is_guard(&self, at: usize, word: &Word<'_>) -> bool {
        let ends = ["gate", "guard", "mta", "pops", "proxy", "shield", "wall", "xchange"];
        let stem = word.lower.contains("spam") || ends.into_iter().any(|stem| word.lower.ends_with(stem));
        let placed = at == self.floor || one_of(PROTOCOLS, self.lower(at - 1));
        let next = self.word(at + 1);
        let alone = next.is_none_or(|next| next.apart || next.opens || is_generic(next) || next.lower == "ready");
        stem && placed && alone && has_humps(word)
    }

    /// A name such as FooMTA or foosmtpd.
    fn is_daemon(&self, at: usize, word: &Word<'_>) -> bool {
        let stem =
            ["smtpd", "imapd", "pop3d", "popd", "mta", "smtp", "imap"].into_iter().find(|s| word.lower.ends_with(s));
        let head = stem.and_then(|stem| word.text.get(..word.text.len() - stem.len())).unwrap_or("");
        let placed = at.checked_sub(1).is_some_and(|at| one_of(PROTOCOLS, self.lower(at)));
        let daemon = stem.is_some_and(|stem| stem.ends_with('d') || stem == "mta" && placed && head.len() > 2);
        // "BlueSMTP", and "AVKSMTP" behind a protocol or a host's name.
        let upper = !word.text.contains(|c: char| c.is_ascii_lowercase());
        let short = head.len() < 4 && (placed || at == self.floor && at > 0) && upper;
        let camel = (head.ends_with(|c: char| c.is_ascii_lowercase()) || short)
            && word.text.ends_with(|c: char| c.is_ascii_uppercase());
        let letters = head.bytes().filter(u8::is_ascii_alphabetic).count();
        let head = head.trim_end_matches(['-', '_']);
        letters > 1 && letters == head.len() && !says_nothing(&word.lower) && (daemon || camel)
    }

    /// Does the text around a word say that it names software?
    fn is_told(&self, at: usize, word: &Word<'_>) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or("", |at| self.lower(at));
        let next = self.word(at + 1).filter(|next| !next.apart);
        // "powered by Foo", but not "powered by Example Hosting".
        let led = before(1) == "running" || (before(2), before(1)) == ("powered", "by");
        let alone = next.is_none_or(|next| !next.has_capital() || one_of(PROTOCOLS, &next.lower));
        let served = ["imap", "mail", "pop3", "smtp"].into_iter().any(|stem| word.lower.contains(stem));
        if !is_name(word.text) || is_generic(word) || is_plain(word) {
            return false;
        }
        if !word.has_capital() {
            return led && alone && served;
        }
        // "Foo(tm)".
        let tm = next.is_some_and(|next| next.lower == "tm" && next.opens);
        tm || led && alone || self.is_server(at, word)
    }

    /// Does a name stand where a server tells what it is: "Foo SMTP server ready"?
    fn is_server(&self, at: usize, word: &Word<'_>) -> bool {
        let next = self.word(at + 1).filter(|next| !next.apart && !next.opens);
        let after = self.word(at + 2).filter(|after| !after.apart);
        let spoken = |word: Option<&Word<'_>>| word.is_some_and(|word| one_of(MAIL, &word.lower));
        let server = |word: Option<&Word<'_>>| word.is_some_and(|word| one_of(SERVERS, &word.lower));
        let ends = |word: Option<&Word<'_>>| word.is_none_or(|word| word.lower == "ready");
        // "* OK Foo ready", "+OK Foo IMAP4rev1 server ready"; in a greeting of SMTP a host's name stands there.
        if at == 0 && self.other {
            let ready = next.is_some_and(|next| next.lower == "ready") && is_sayable(word.text);
            return ready || spoken(next) && (ends(after) || server(after));
        }
        if !self.other && !word.text.contains(|c: char| c.is_ascii_lowercase()) {
            return false;
        }
        // "220 mx.example.com ESMTP Foo Server ready".
        let placed = at > self.floor && one_of(MAIL, self.lower(at - 1));
        if placed && next.is_some_and(|next| next.lower == "server") && ends(after) {
            return true;
        }
        // "220 mx.example.com Foo SMTP server ready", "[Foo SMTP Proxy]", "Foo: SMTP service ready", "Foo Server SMTP";
        // "Example SMTP service" is rather of whose it is.
        let colon = at == 0 && self.line.get(word.end()..).is_some_and(|rest| rest.starts_with(": "));
        let mail = word.lower.starts_with("mail") || word.lower.ends_with("mail");
        let noun = after.is_some_and(|after| after.lower == "relay" || mail && after.lower == "service");
        (at == self.floor || word.opens)
            && (spoken(next) && (server(after) || noun || colon || mail && ends(after))
                || server(next) && spoken(after))
    }
}

/// Does the word name nothing?
fn is_plain(word: &Word<'_>) -> bool {
    says_nothing(&word.lower) || one_of(ROLES, &word.lower)
}

/// Nouns of software, which nobody says of a company.
const STRONG: &str = "antispam|antivirus|appliance|esmtpd|firewall|imapd|mta|pop3d|smtpd|utm";

/// What a server speaks.
const MAIL: &str = "esmtp|imap|imap4|imap4rev1|imap4rev2|lmtp|managesieve|pop|pop3|sieve|smtp";
