//! Targets for fuzzing: everything that reads what strangers send.
//!
//! A target takes any bytes and panics where something does not hold: that nothing panics is the least of it. The
//! same targets run in two ways: `tests/corpus.rs` feeds them the corpus and its mutations, on stable Rust, in
//! `./x test`; `src/main.rs` is the program that libFuzzer drives, in `./x fuzz`.

mod source;
mod stored;
pub mod stream;
pub mod talks;
mod texts;
mod wire;
mod worlds;

/// One thing that is fuzzed.
pub struct Target {
    /// Its name, and that of its corpus' folder.
    pub name: &'static str,
    /// The longest input that is worth a try, in octets.
    pub longest: usize,
    /// Takes any bytes.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, longest: usize, run: fn(&[u8])) -> Target {
    Target { name, longest, run }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target("dns", 1_232, wire::dns),
    target("spf", 512, texts::spf),
    target("spf-tree", 1_024, texts::spf_tree),
    target("dmarc", 512, texts::dmarc),
    target("dkim", 1_024, texts::dkim),
    target("mta-sts-txt", 256, texts::mta_sts_txt),
    target("mta-sts-policy", 1_024, texts::mta_sts_policy),
    target("tls-rpt", 256, texts::tls_rpt),
    target("tlsa", 256, texts::tlsa),
    target("bimi", 256, texts::bimi),
    target("svg", 2_048, texts::svg),
    target("reply", 1_024, texts::reply),
    target("disclosure", 512, texts::disclosure),
    target("ntlm", 512, texts::ntlm),
    target("typed", 300, texts::typed),
    target("visible", 300, texts::visible),
    target("smtp", 4_096, talks::smtp),
    target("imap", 2_048, talks::imap),
    target("pop3", 2_048, talks::pop3),
    target("sieve", 2_048, talks::sieve),
    target("hello", 1_024, talks::hello),
    target("tls", 2_048, talks::tls),
    target("proxy", 1_024, talks::proxy),
    target("certificate", 2_048, wire::certificate),
    target("world", 4_096, worlds::world),
    target("stored", 256, stored::mutated),
    target("json", 4_096, stored::json),
];

/// The target of this name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
