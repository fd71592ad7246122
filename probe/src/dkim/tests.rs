use shared::outbound::message::with_crlf;
use shared::outbound::signature::read;

use super::*;

/// RFC 8463 appendix A.3.
const MESSAGE: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
";

const ED25519: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const RSA: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

fn of(message: &str, nth: usize, key: &str) -> Checked {
    let message = with_crlf(message.as_bytes());
    let (fields, _) = split(&message);
    let field = fields.iter().filter(|field| field.is("DKIM-Signature")).nth(nth).unwrap();
    check(&message, nth, &read(&field.text).unwrap(), key, 1_600_000_000)
}

#[test]
fn the_standards_own_message() {
    const PASS: Checked = Checked::Pass { partial: false };
    let keys = [ED25519, RSA];
    for (nth, key) in keys.into_iter().enumerate() {
        assert_eq!(of(MESSAGE, nth, key), PASS, "{key}");
        let changed = |from: &str, to: &str| of(&MESSAGE.replacen(from, to, 1), nth, key);
        // What relaxed canonicalization forgives.
        assert_eq!(changed("Subject: Is dinner ready?", "SUBJECT :  Is\n dinner   ready? "), PASS);
        assert_eq!(changed("We lost the game.  Are", "We lost the game. Are"), PASS);
        assert_eq!(changed("Joe.\n", "Joe.  \n\n\n"), PASS);
        // And what nothing does.
        assert_eq!(changed("lost the game", "won the game"), Checked::BodyAltered);
        // A footer is told from other changes: what was signed is still there, and all of it comes first.
        assert_eq!(changed("Joe.\n", "Joe.\n\n-- \nScanned by nobody\n"), Checked::Appended);
        assert_eq!(changed("Hi.\n", "Scanned by nobody\n\nHi.\n"), Checked::BodyAltered);
        assert_eq!(changed("Is dinner ready?", "Is lunch ready?"), Checked::HeaderAltered);
        assert_eq!(changed("To: Suzie", "Subject: more\nTo: Suzie"), Checked::HeaderAltered);
        assert_eq!(changed("t=1528637909", "x=1528637909"), if nth == 0 { Checked::Expired } else { PASS });
        assert_eq!(of(MESSAGE, nth, "v=DKIM1; p="), Checked::Revoked);
        assert_eq!(of(MESSAGE, nth, keys[1 - nth]), Checked::UnusableKey, "a key of the other kind");
        assert_eq!(of(MESSAGE, nth, "v=DKIM1; k=rsa; p=AAAA"), Checked::UnusableKey);
    }
}

#[test]
fn a_length_of_the_body() {
    let with = |length: u64| {
        let message = with_crlf(MESSAGE.as_bytes());
        let (fields, _) = split(&message);
        let mut signature = read(&fields[0].text).unwrap();
        signature.length = Some(length);
        check(&message, 0, &signature, ED25519, 0)
    };
    // The header signs the field as it stands, so that only the body's part is looked at here.
    let whole = canonical_body(split(&with_crlf(MESSAGE.as_bytes())).1, Canon::Relaxed).len() as u64;
    assert_eq!(with(whole), Checked::Pass { partial: true });
    assert_eq!(with(whole - 1), Checked::BodyAltered);
    assert_eq!(with(whole + 1), Checked::BodyAltered);
    assert_eq!(with(u64::MAX), Checked::BodyAltered);
}

/// RFC 6376 section 3.4.5.
#[test]
fn canonicalization() {
    let message = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
    let (fields, body) = split(message);
    let header = |canon| {
        let mut out = Vec::new();
        for field in &fields {
            canonical_field(field.raw, canon, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        String::from_utf8(out).unwrap()
    };
    assert_eq!(header(Canon::Relaxed), "a:X\r\nb:Y Z\r\n");
    assert_eq!(header(Canon::Simple), "A: X\r\nB : Y\t\r\n\tZ  \r\n");
    assert_eq!(canonical_body(body, Canon::Relaxed), b" C\r\nD E\r\n");
    assert_eq!(canonical_body(body, Canon::Simple), b" C \r\nD \t E\r\n");
    assert_eq!(canonical_body(b"", Canon::Simple), b"\r\n");
    assert_eq!(canonical_body(b"", Canon::Relaxed), b"");
    assert_eq!(canonical_body(b"\r\n\r\n", Canon::Simple), b"\r\n");
    assert_eq!(canonical_body(b"\r\n \r\n", Canon::Relaxed), b"");
    assert_eq!(canonical_body(b"no line end", Canon::Simple), b"no line end\r\n");
}

#[test]
fn hostile_messages_end() {
    let signature = read("v=1; a=rsa-sha256; d=a.test; s=s; h=from:from:from:x; bh=AQID; b=AQID").unwrap();
    for message in ["", "\r\n", "DKIM-Signature", "DKIM-Signature:", "DKIM-Signature: b=", "\0\r\n\r\n", "From: x\r\n"]
    {
        assert!(!matches!(check(message.as_bytes(), 0, &signature, RSA, 0), Checked::Pass { .. }), "{message:?}");
    }
    let long = format!("DKIM-Signature: {}b=x\r\n{}\r\n", "a=b;".repeat(20_000), "From: x\r\n".repeat(20_000));
    assert_eq!(check(long.as_bytes(), 0, &signature, RSA, 0), Checked::BodyAltered);
}
