use shared::outbound::arc::sets;
use shared::outbound::message::with_crlf;

use super::*;

/// Three sets, sealed by another program: see make.py.
const CHAIN: &str = include_str!("chain.eml");
const KEYS: &str = include_str!("keys.txt");

fn key(domain: &DomainName, selector: &str) -> Result<Option<String>, Unseen> {
    let head = format!("{domain} {selector} ");
    Ok(KEYS.lines().find_map(|line| line.strip_prefix(&head)).map(str::to_owned))
}

fn of(message: &str) -> Chain {
    of_with(message, &key)
}

fn of_with(message: &str, keys: &Keys) -> Chain {
    let message = with_crlf(message.as_bytes());
    let sets = sets(&split(&message).0);
    check(&message, &sets, keys, 1_790_892_200)
}

/// The chain without the fields of this set, or with only so many of the last sets.
fn without(instance: usize, field: &str) -> String {
    let mark = format!("{field}: i={instance};");
    let (before, rest) = CHAIN.split_once(&mark).unwrap();
    let behind = rest.split_inclusive('\n').skip(1).skip_while(|line| line.starts_with(' '));
    before.chars().chain(behind.flat_map(str::chars)).collect()
}

#[test]
fn a_chain_that_another_program_sealed() {
    assert_eq!(of(CHAIN), Chain::Pass(3));
    // What was there before the last set came.
    let second = without(3, "ARC-Seal");
    let second = second.split_once("ARC-Seal: i=2").map(|(_, rest)| format!("ARC-Seal: i=2{rest}")).unwrap();
    assert_eq!(of(&second), Chain::Pass(2));
    assert_eq!(of("From: a@b.test\n\nx\n"), Chain::None);
    // Relaxed canonicalization forgives spaces.
    assert_eq!(of(&CHAIN.replacen("Subject: What a chain", "subject:  What  a chain", 1)), Chain::Pass(3));
}

#[test]
fn what_breaks_it_is_named() {
    let changed = |from: &str, to: &str| {
        assert!(CHAIN.contains(from), "{from}");
        match of(&CHAIN.replacen(from, to, 1)) {
            Chain::Fail(instance, fault) => (instance, fault),
            other => panic!("{from}: {other:?}"),
        }
    };
    let row = |from: &str, to: &str, instance: usize, part: &str| {
        let (of, fault) = changed(from, to);
        assert!(of == instance && fault.contains(part), "{from} -> {to}: {of} {fault}");
    };
    row("Three servers", "Two servers", 3, "the body");
    row("Subject: What a", "Subject: Not what a", 3, "the header");
    // The last seal is over all of them, so it breaks first.
    row("i=1; mx.first.consent.test;", "i=1; mx.other.example;", 3, "seal");
    row("i=3; mx.third.consent.test;\n arc=pass", "i=3; mx.third.consent.test;\n arc=none", 3, "seal");
    row("i=2; cv=pass", "i=2; cv=fail", 2, "cv=fail");
    row("i=2; cv=pass", "i=2; cv=none", 2, "cv");
    row("i=1; cv=none", "i=1; cv=pass", 1, "cv");
    row("i=1; cv=none", "i=1; cv=none; h=from", 1, "tag h");
    row("ARC-Seal: i=2", "ARC-Seal: i=20", 20, "more sets");
    row("ARC-Seal: i=2", "ARC-Seal: x=2", 0, "which set");
    row("ARC-Seal: i=2", "ARC-Seal: i=3", 2, "missing");
    row("ARC-Message-Signature: i=2; a=rsa-sha256", "ARC-Message-Signature: i=2; a=rsa-sha1", 2, "rsa-sha1");
    row("h=from : to : subject : date\n : message-id : from;", "h=to;", 3, "From is not");
    for field in ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"] {
        assert!(matches!(of(&without(2, field)), Chain::Fail(2, fault) if fault.contains("missing")), "{field}");
        let twice = format!("{field}: i=1; x=y\n{CHAIN}");
        assert!(matches!(of(&twice), Chain::Fail(1, fault) if fault.contains("twice")), "{field}");
    }
}

#[test]
fn keys_that_are_not_there() {
    let but = |of: &'static str, instead: Result<Option<String>, Unseen>| {
        of_with(CHAIN, &move |domain, selector| {
            if domain.as_str() == of { instead.clone() } else { key(domain, selector) }
        })
    };
    assert_eq!(but("third.consent.test", Err(Unseen::ServFail)), Chain::Unseen(3, Unseen::ServFail));
    assert_eq!(but("first.consent.test", Err(Unseen::DnsTimeout)), Chain::Unseen(1, Unseen::DnsTimeout));
    assert!(matches!(but("third.consent.test", Ok(None)), Chain::Fail(3, fault) if fault.contains("not in DNS")));
    assert!(matches!(but("second.consent.test", Ok(None)), Chain::Fail(2, fault) if fault.contains("not in DNS")));
    let revoked = Ok(Some("v=DKIM1; p=".to_owned()));
    assert!(matches!(but("first.consent.test", revoked), Chain::Fail(1, fault) if fault.contains("cannot be used")));
    // The key of somebody else.
    let other = key(&DomainName::new("second.consent.test").unwrap(), "s2");
    assert!(matches!(but("first.consent.test", other), Chain::Fail(1, fault) if fault.contains("seal fails")));
}
