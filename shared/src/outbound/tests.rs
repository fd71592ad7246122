use super::arc::Chain;
use super::*;
use crate::Evidence;
use crate::evidence::{Answer, Record, Target};

const RECEIVER: &str = "rx.example";

/// The lines of a zone: name, type, data.
type Zone<'a> = &'a [(&'a str, &'a str, &'a str)];

fn answer(zone: Zone, name: &DomainName, record: RecordType) -> Answer {
    let target = |data: &str| Target::Name(DomainName::new(data).unwrap());
    let found = zone.iter().filter(|(at, _, _)| *at == name.as_str()).collect::<Vec<_>>();
    let records = found.iter().filter_map(|(_, kind, data)| match (*kind, record) {
        ("A", RecordType::A) => Some(Record::A(data.parse().unwrap())),
        ("TXT", RecordType::Txt) => Some(Record::Txt(vec![(*data).to_owned()])),
        ("PTR", RecordType::Ptr) => Some(Record::Ptr(target(data))),
        _ => None,
    });
    Answer::Dns(DnsAnswer { nxdomain: found.is_empty(), records: records.collect(), ..DnsAnswer::default() })
}

/// What is said of a message in a zone, worst verdicts included; `checked` stands for the cryptography. Names in
/// `down` get no answer.
fn said(zone: Zone, down: &[&str], sender: &str, message: &str, checked: &[Checked]) -> Vec<Said> {
    judged(zone, down, sender, message, checked).0.said
}

/// The same, and what a check may take over.
fn judged(zone: Zone, down: &[&str], sender: &str, message: &str, checked: &[Checked]) -> (Judged, Option<MailSeen>) {
    let raw = message::with_crlf(message.as_bytes());
    let mail = Mail::read(&raw, sender, RECEIVER, 1_790_892_125);
    let mut case = mail.case(&DomainName::new("site.example").unwrap());
    for _ in 0..20 {
        let open = lacks(&mail, &case);
        if open.is_empty() {
            let judged = judge(&mail, &case, checked, &Chain::None);
            let evidence = mail.evidence(&judged);
            return (judged, evidence);
        }
        for inquiry in open {
            let Inquiry::Dns { name, record, .. } = &inquiry else { panic!("{inquiry:?}") };
            let seen = !down.contains(&name.as_str());
            let answer = if seen { Ok(answer(zone, name, *record)) } else { Err(Unseen::ServFail) };
            assert!(case.add(Evidence { inquiry, at: 0, took: 0, answer }), "asked twice");
        }
    }
    panic!("it goes on asking")
}

fn worst(said: &[Said]) -> Vec<(&str, Verdict)> {
    said.iter()
        .map(|one| (one.outcome.as_str(), one.verdict))
        .filter(|(_, verdict)| *verdict != Verdict::Clean)
        .collect()
}

const ZONE: Zone = &[
    ("example.org", "TXT", "v=spf1 ip4:198.51.100.25 -all"),
    ("_dmarc.example.org", "TXT", "v=DMARC1; p=reject"),
    ("25.100.51.198.in-addr.arpa", "PTR", "out.example.org"),
    ("out.example.org", "A", "198.51.100.25"),
    ("other.example.net", "TXT", "v=spf1 ip4:198.51.100.25 -all"),
];

const HOP: &str = "Received: from out.example.org (198.51.100.25) by rx.example (x) id 1 for <t@site.example>; Thu, 1 Oct 2026 22:02:05 +0000\n";
const SIGNED: &str = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AQID; b=AQID\n";
const FORM: &str = "Date: Thu, 1 Oct 2026 22:02:05 +0000\nMessage-ID: <1@example.org>\n";
const FROM: &str = "From: Me <me@example.org>\n";
const PASS: Checked = Checked::Pass { partial: false };

#[test]
fn outcomes() {
    use Verdict::{Mortal, Note, Untested, Venial};
    let good = [HOP, SIGNED, FORM, FROM, "\nbody\n"].concat();
    let swap = |from: &str, to: &str| good.replacen(from, to, 1);
    let me = "me@example.org";
    type Row<'a> = (&'a str, String, Checked, &'a [(&'a str, Verdict)]);
    let rows: &[Row] = &[
        (me, good.clone(), PASS, &[]),
        ("", good.clone(), PASS, &[("spf-none", Venial)]),
        // One of the two is enough for DMARC.
        (me, good.clone(), Checked::BodyAltered, &[("dkim-body", Venial)]),
        (me, swap("198.51.100.25)", "198.51.100.26)"), PASS, &[("spf-fail", Venial), ("sender-missing", Mortal)]),
        (
            me,
            swap("198.51.100.25)", "198.51.100.26)"),
            Checked::HeaderAltered,
            &[("spf-fail", Venial), ("dkim-header", Venial), ("dmarc-fail", Mortal), ("sender-missing", Mortal)],
        ),
        (
            "me@other.example.net",
            swap("d=example.org", "d=example.net"),
            PASS,
            &[("spf-misaligned", Note), ("dkim-misaligned", Note), ("dmarc-fail", Mortal)],
        ),
        ("me@other.example.net", good.clone(), PASS, &[("spf-misaligned", Note)]),
        (me, swap(SIGNED, ""), PASS, &[("dkim-none", Venial)]),
        (me, swap("rsa-sha256", "rsa-sha1"), PASS, &[("dkim-malformed", Venial)]),
        (me, good.clone(), Checked::Pass { partial: true }, &[("dkim-partial", Venial)]),
        (me, swap(HOP, ""), PASS, &[("no-received", Untested)]),
        (
            me,
            swap(HOP, ""),
            Checked::Unseen(Unseen::ServFail),
            &[("no-received", Untested), ("servfail", Untested), ("no-received", Untested)],
        ),
        (me, swap("by rx.example", "by forged.example"), PASS, &[("no-received", Untested)]),
        (me, swap(FROM, ""), PASS, &[("no-author", Mortal)]),
        (me, swap("Me <me@example.org>", "a@example.org, b@example.net"), PASS, &[("no-author", Mortal)]),
        (me, swap("from out.example.org", "from localhost"), PASS, &[("sender-not-a-full-name", Venial)]),
        (me, swap("Thu, 1 Oct 2026 22:02:05 +0000\nMessage", "Thu, 1 Oct 2026 02:02:05 +0000\nMessage"), PASS, &[]),
        (
            me,
            swap("Thu, 1 Oct 2026 22:02:05 +0000\nMessage", "Tue, 1 Sep 2026 22:02:05 +0000\nMessage"),
            PASS,
            &[("date-past", Venial)],
        ),
        (
            me,
            swap("Thu, 1 Oct 2026 22:02:05 +0000\nMessage", "Fri, 2 Oct 2026 22:02:05 +0000\nMessage"),
            PASS,
            &[("date-future", Venial)],
        ),
        (me, swap("from out.example.org", "from nowhere.example.org"), PASS, &[("sender-unresolved", Venial)]),
        (me, good.clone(), Checked::Appended, &[("dkim-footer", Venial)]),
        (me, good.clone(), Checked::Expired, &[("dkim-expired", Venial)]),
        (me, good.clone(), Checked::NoKey, &[("dkim-no-key", Venial)]),
        (me, good.clone(), Checked::Revoked, &[("dkim-revoked", Venial)]),
        (me, good.clone(), Checked::UnusableKey, &[("dkim-unusable-key", Venial)]),
        (
            me,
            swap("\nMessage-ID", "\nDate: Thu, 1 Oct 2026 22:02:05 +0000\nMessage-ID"),
            PASS,
            &[("date-repeated", Venial)],
        ),
        (me, swap(FORM, "Message-ID: <1@example.org>\n"), PASS, &[("date-missing", Venial)]),
        (me, swap("Date: Thu, 1 Oct 2026 22:02:05 +0000", "Date: soon"), PASS, &[("date-unread", Note)]),
        (me, swap("Message-ID: <1@example.org>", "Message-ID: 1"), PASS, &[("message-id-odd", Note)]),
        (me, swap("Message-ID", "Message-ID: <2@example.org>\nMessage-ID"), PASS, &[("message-id-repeated", Venial)]),
        (me, swap("\nbody\n", &format!("\n{}\n", "x".repeat(999))), PASS, &[("long-lines", Venial)]),
        (me, swap("\nbody\n", &format!("\n{}\n", "x".repeat(998))), PASS, &[]),
        (me, swap(FORM, &format!("{FORM}{}", "X-Padding: 0123456789\n".repeat(280))), PASS, &[]),
        (
            me,
            swap(FORM, &format!("{FORM}{}", format!("X-Padding: {}\n", "0".repeat(900)).repeat(40))),
            PASS,
            &[("large-header", Note)],
        ),
        (
            me,
            swap(FORM, &format!("{FORM}X-Virus-Scanned: by us\nAuthentication-Results: mx.example.org; spf=pass\n")),
            PASS,
            &[("filter-fields", Note)],
        ),
        (
            me,
            swap(FORM, &format!("{FORM}X-Spam-Flag: YES\nX-Spam-Status: Yes, score=9 tests=A,B\n")),
            PASS,
            &[("filter-fields", Note), ("marked-spam", Note), ("filter-details", Note)],
        ),
        (me, swap("Message-ID: <1@example.org>\n", ""), PASS, &[("message-id-missing", Venial)]),
        (me, swap("<1@example.org>", "<1@ws7.corp>"), PASS, &[("inner-message-id", Venial)]),
        (
            me,
            swap(
                SIGNED,
                "Received: from ws7.lan (ws7.lan [10.1.2.3]) by out.example.org; x\nX-Originating-IP: [203.0.113.9]\nX-Mailer: Foo 1.2\nDKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AQID; b=AQID\n",
            ),
            PASS,
            &[("inner-hosts", Venial), ("origin-address", Note), ("software", Note)],
        ),
    ];
    for (sender, message, checked, want) in rows {
        let said = said(ZONE, &[], sender, message, &[*checked]);
        assert_eq!(worst(&said), *want, "{sender} {message}");
        for one in &said {
            assert!(one.change.is_some() || one.verdict < Verdict::Venial, "{one:?}");
        }
    }
}

#[test]
fn records_that_stand_for_nobody() {
    let of = |spf: &'static str, dmarc: bool, checked: &[Checked]| {
        let mut zone = ZONE.to_vec();
        zone[0].2 = spf;
        zone.retain(|(name, ..)| dmarc || *name != "_dmarc.example.org");
        let twice = [HOP, SIGNED, SIGNED, FORM, FROM].concat();
        let said = said(&zone, &[], "me@example.org", &twice, checked);
        worst(&said).iter().map(|(outcome, _)| (*outcome).to_owned()).collect::<Vec<_>>()
    };
    let both = [PASS, PASS];
    assert_eq!(of("v=spf1 bogus -all", true, &both), ["spf-permerror"]);
    assert_eq!(of("v=spf1 ?all", true, &both), ["spf-neutral"]);
    assert_eq!(of("v=spf1 ~all", true, &both), ["spf-softfail"]);
    // One signature that holds is enough.
    assert_eq!(of("v=spf1 ip4:198.51.100.25 -all", true, &[Checked::NoKey, PASS]), ["dkim-other-fails"]);
    let none = [Checked::HeaderAltered, Checked::Expired];
    assert_eq!(of("v=spf1 -all", false, &none), ["spf-fail", "dkim-header", "dkim-expired", "dmarc-none"]);
}

#[test]
fn what_a_provider_tells_is_not_the_domains_to_change() {
    let message = [HOP, "Received: from ws7.lan by mx.lan; x\n", SIGNED, FORM, "From: me@example.com\n"].concat();
    let zone: Zone = &[("_dmarc.example.com", "TXT", "v=DMARC1; p=none")];
    let said = said(zone, &[], "me@example.com", &message, &[PASS]);
    assert!(said.iter().any(|one| one.outcome == "provider-hosts" && one.verdict == Verdict::Note), "{said:?}");
}

#[test]
fn what_is_not_seen_accuses_nobody() {
    let message = [HOP, SIGNED, FORM, FROM].concat();
    let down = ["example.org", "_dmarc.example.org", "25.100.51.198.in-addr.arpa", "out.example.org"];
    let said = said(ZONE, &down, "me@example.org", &message, &[Checked::Unseen(Unseen::ServFail)]);
    assert!(said.iter().all(|one| one.verdict < Verdict::Venial), "{said:?}");
    assert!(said.iter().filter(|one| one.verdict == Verdict::Untested).count() >= 4, "{said:?}");
}

#[test]
fn strict_alignment() {
    let zone: Zone = &[
        ("sub.example.org", "TXT", "v=spf1 ip4:198.51.100.25 -all"),
        ("_dmarc.example.org", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s"),
        ("25.100.51.198.in-addr.arpa", "PTR", "out.example.org"),
        ("out.example.org", "A", "198.51.100.25"),
    ];
    let message = [HOP, &SIGNED.replace("d=example.org", "d=sub.example.org"), FORM, FROM].concat();
    let strict = said(zone, &[], "me@sub.example.org", &message, &[PASS]);
    assert!(strict.iter().any(|one| one.outcome == "dmarc-fail"), "{strict:?}");
    let mut relaxed = zone.to_vec();
    relaxed[1].2 = "v=DMARC1; p=reject";
    let relaxed = said(&relaxed, &[], "me@sub.example.org", &message, &[PASS]);
    assert!(relaxed.iter().any(|one| one.outcome == "dmarc-pass"), "{relaxed:?}");
}

#[test]
fn questions_are_bounded() {
    let signatures: String = (0..300)
        .map(|n| {
            format!("DKIM-Signature: v=1; a=rsa-sha256; d=a{n}.b.c.d.e.f.g.h.test; s=s; h=from; bh=AQID; b=AQID\n")
        })
        .collect();
    let deep = format!("From: me@{}test\n", "x.".repeat(100));
    let raw = message::with_crlf([HOP, &signatures, &deep].concat().as_bytes());
    let mail = Mail::read(&raw, "me@example.org", RECEIVER, 0);
    assert!(mail.signatures.len() <= SIGNATURES_MAX);
    assert!(lacks(&mail, &mail.case(&DomainName::new("site.example").unwrap())).len() <= QUESTIONS_MAX);
}

#[test]
fn what_a_check_takes_over() {
    let good = [HOP, SIGNED, FORM, FROM, "X-Mailer: Foo 1.2\n\nbody\n"].concat();
    let of = |sender: &str, message: &str, checked| {
        let (judged, evidence) = judged(ZONE, &[], sender, message, &[checked]);
        (judged.vouched, evidence)
    };
    let outcomes = |seen: &MailSeen| seen.shown.iter().map(|one| one.outcome.clone()).collect::<Vec<_>>();
    // SPF stands for who handed it over: all counts, and the address is known to send.
    let (vouched, seen) = of("me@example.org", &good, PASS);
    let seen = seen.unwrap();
    assert_eq!(vouched, Some(Vouched::Sender));
    assert_eq!(seen.sender.as_ref().unwrap().address.to_string(), "198.51.100.25");
    let all = ["spf-pass", "dkim-pass", "dmarc-pass", "arc-none", "date-sound", "message-id-sound", "software"];
    assert_eq!(outcomes(&seen), all);
    assert!(seen.shown.iter().all(|one| one.check == "outbound-mail" || one.check == "header-disclosure"));
    // Neither a local part, nor a text of the header that was not needed.
    let json = serde_json::to_string(&seen).unwrap();
    assert!(!json.contains("me@") && !json.contains("Foo") && json.contains("X-Mailer"), "{json}");
    // A signed mail that somebody else passes on: no more than the signature.
    let passed_on = good.replacen("198.51.100.25)", "198.51.100.66)", 1);
    let (vouched, seen) = of("x@elsewhere.test", &passed_on, PASS);
    let seen = seen.unwrap();
    assert_eq!((vouched, &seen.sender), (Some(Vouched::Signature), &None));
    assert_eq!(outcomes(&seen), ["dkim-pass", "dmarc-pass"]);
    // Forged: nothing at all.
    for (sender, message, checked) in [
        ("me@example.org", passed_on.as_str(), Checked::HeaderAltered),
        ("me@other.example.net", good.as_str(), Checked::NoKey),
        ("me@example.org", good.replacen(HOP, "", 1).as_str(), Checked::BodyAltered),
        ("me@example.org", good.replacen(FROM, "From: a@example.org, b@example.org\n", 1).as_str(), PASS),
    ] {
        assert_eq!(of(sender, message, checked), (None, None), "{sender} {message}");
    }
}
