//! Tables: records as they are published, and records with faults.

use super::*;

/// 2048 bits.
const LONG: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0HP2HtTaX4F/u2cXMqqCh0LKsGV0n9pGghxWjXtlCX5zzO4iFVxTUeD/gCkfnsIlh4+6heOwwkfdT3cWTZ0FV/Bb+u9H1nK5XkaOdhgMS+Knqp1A4ZXFtTvv1dxfthD0jScmbYNMnib+AZIFQDNYPHsmJr/WwuN/jpctT67ahsXm3XJzZS7cqHdzbr2xCuOr4f6pdVAT4asGXEf4Ch4pnhnMQiNA9uXRd4p0Z8vnuZdG5zvA0czP+rQFLhX0XtJlzF3KujgSJUTIsMnTK/h613PnKjHdQUbGDb6GjMv/GUGUS+oZYAZ8I50aGiudced6e8/5c2SLU5F7Wft5rJa1PQIDAQAB";
/// 1024 bits.
const SHORT: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCfH06JzZR9lffVlU3KoRbJ71tk+Uah70xHCIvh32ov+2kLFn8g6/8KmONUU1fVLadw/Njsr4HGUckcYazLs0weMqZ7EZCnQBCAggG380qbdLaa1wz3xxg37KIYeHVMAtlTXSOUnysfh4SYZRHSsEPHeVKU/ikTMr0a0OhoS5JrIQIDAQAB";
/// 512 bits.
const TINY: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQ==";
/// 4096 bits.
const HUGE: &str = "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAjKii6jgFYYJKYHHy+ggJzs3H8wkb8QAu7iGZlIrGh0a9/NEv8tYup5srQXxyyjol29+Urya+e3sLkiHPsq+skHM3tewfvizuYmNG15J3WrtA1Yzb1SB7YE1pEtesASjE/Hjkp4o2sK5NdYMrWZDyQHLx+xZkLfr4eTZAA2qbIaXRpkMgpbG/FTU0926BnBseVBvm3TvlzzYgzFjilS7KOsrGVCkIOwWcww6HCWZ0bVI8VutvlJFPf1Wjl47jA+8ZJy8M/+Iqtyj3IwOjovApCVyXa/occrdE8IZb4DRsPHEHeunQ3hnVRKaiBZoFwcb8fBp9M57nDMS//lEkfWDy2sXX/vN86131L6aJ9TQaq98XF71CGpf3vlC42lcyW/fDjD5ej6ZPftDFWUzvXWo0LCvPqUugYSwHmQ/CO9SntOm9fb0xZ3DFGUYekeXxh8H5NQ3vJ8OZ7tAfaYVMnjML/SFUzuAF8FMYjnt1S9OPAiY5ti5JK6BSLB2Tcrk0lvEyi+NQNOIk+w3hbfNcEK3ooFX601dazYOQEqpEvT31nqGKwvAMgupY1UW+mZ0h9wwaWywn5XPSYTkX5GQOHIKzxsq5lkRdCfeIq4S2hxSl7NNLO54sX23kTZkuSog185GEgYtpTNhLVQiRPtHkItWVqaIE0VoX4TH0V97DCVwR0HcCAwEAAQ==";
/// The key of [`SHORT`] without its frame.
const BARE_SHORT: &str = "MIGJAoGBAJ8fTonNlH2V99WVTcqhFsnvW2T5RqHvTEcIi+Hfai/7aQsWfyDr/wqY41RTV9Utp3D82OyvgcZRyRxhrMuzTB4ypnsRkKdAEICCAbfzSpt0tprXDPfHGDfsohh4dUwC2VNdI5SfKx+HhJhlEdKwQ8d5UpT+KRMyvRrQ6GhLkmshAgMBAAE=";
/// The private key to [`TINY`].
const PRIVATE: &str = "MIIBOgIBAAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQJAboVcAYx+MXxlv2ejCWIAx7L3uO8IYJgZu/ahr9KWzgsLbys8/L3BTXFVwX5vbFS0lWURvasbosZZIiLfrTndIQIhAO+REYNjNAADPjvV4uxUeM/kaVZUAjnRL5hJTmVcEyj/AiEAzkUOYyxbe5bkVSpRoZE1eAvDW0bM/KhWJwm/OCYp/i0CIDrdE0eMTY+fPGBpaouVKeYzAmry02UvcBlkEb44BIEzAiEAyKObbxRCmGEaEU1swgABRpgKmsqvskP8KVTtz6wvxLECIBwwCTmdZlC+Yma6JXqNa06s2bQ4tIP08y42wjgOo+Rl";
const EDWARDS: &str = "LgtgqXvLJCc5s8Qvphzz7JdWOZvbpBPgJ6xuPFgGVU8=";
/// The same as a SubjectPublicKeyInfo.
const EDWARDS_FRAMED: &str = "MCowBQYDK2VwAyEALgtgqXvLJCc5s8Qvphzz7JdWOZvbpBPgJ6xuPFgGVU8=";
/// A key on the curve P-256, which DKIM does not have.
const ELLIPTIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETKFAOlDtwhsRtqrfnbqU/K2jtHUBEgRCHSBSjUL61WkLBK+gqL8chXWKC4uLP4t0GWQTdbtBuv0gQekfofi3sg==";

fn fill(shape: &str) -> String {
    let keys = [
        ("{LONG}", LONG),
        ("{SHORT}", SHORT),
        ("{TINY}", TINY),
        ("{HUGE}", HUGE),
        ("{BARE}", BARE_SHORT),
        ("{PRIVATE}", PRIVATE),
        ("{ED}", EDWARDS),
        ("{EDFRAMED}", EDWARDS_FRAMED),
        ("{EC}", ELLIPTIC),
    ];
    keys.into_iter().fold(shape.to_owned(), |text, (name, key)| text.replace(name, key))
}

const R2048: Option<Kind> = Some(Kind::Rsa { bits: 2048 });
const R1024: Option<Kind> = Some(Kind::Rsa { bits: 1024 });

#[test]
fn records_as_they_are_published() {
    let folded = {
        let (head, tail) = LONG.split_at(200);
        format!("v=DKIM1; k=rsa; p={head} {tail}")
    };
    let lines: Vec<&str> = LONG.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = format!("v=DKIM1; k=rsa; p=\r\n\t{}", lines.join("\r\n\t"));
    let rows: &[(&str, &str, Option<Kind>)] = &[
        ("Google", "v=DKIM1; k=rsa; p={LONG}", R2048),
        ("Microsoft 365, with its last semicolon", "v=DKIM1; k=rsa; p={LONG};", R2048),
        ("Microsoft 365, older, with a note", "v=DKIM1; k=rsa; p={SHORT}; n=1024,1435867504,1", R1024),
        ("OpenDKIM", "v=DKIM1; h=sha256; k=rsa; p={LONG}", R2048),
        ("OpenDKIM with a service", "v=DKIM1; h=sha256; k=rsa; s=email; p={LONG}", R2048),
        ("rspamd", "v=DKIM1; k=rsa; p={LONG} ;", R2048),
        ("Exim's guide", "v=DKIM1; t=s; p={LONG}", R2048),
        ("no version, as SendGrid", "k=rsa; t=s; p={LONG}", R2048),
        ("no version", "k=rsa;p={SHORT}", R1024),
        ("nothing but the key", "p={LONG}", R2048),
        ("no spaces", "v=DKIM1;k=rsa;p={LONG};", R2048),
        ("many spaces", "  v = DKIM1 ;  k = rsa ;\tp = {LONG}  ", R2048),
        ("a character string cut in the key and joined with a space", &folded, R2048),
        ("lines", &lines, R2048),
        ("Amazon SES", "p={SHORT}", R1024),
        ("DomainKeys, with its granularity", "g=*; k=rsa; p={SHORT}", R1024),
        ("all flags", "v=DKIM1; t=y:s; k=rsa; p={SHORT};", R1024),
        ("unknown members", "v=DKIM1; h=sha1:sha256:sha512; s=email:tlsrpt; t=x; k=rsa; p={LONG}", R2048),
        ("every service", "v=DKIM1; s=*; k=rsa; p={LONG}", R2048),
        ("a note that is no key word", "v=DKIM1; n=Contact=20postmaster=40example.org; p={LONG}", R2048),
        ("a note with what the grammar lacks", "v=DKIM1; n=clé de 2026; p={LONG}", R2048),
        ("4096 bits", "v=DKIM1; k=rsa; p={HUGE}", Some(Kind::Rsa { bits: 4096 })),
        ("Ed25519", "v=DKIM1; k=ed25519; p={ED}", Some(Kind::Ed25519)),
        ("Ed25519 with a hash", "v=DKIM1; h=sha256; k=ed25519; p={ED};", Some(Kind::Ed25519)),
        ("key type in capitals", "v=DKIM1; k=RSA; p={LONG}", R2048),
        ("the key first", "p={LONG}; k=rsa", R2048),
        ("a later tag", "v=DKIM1; k=rsa; p={LONG}; new_1=thing", R2048),
        ("revoked", "v=DKIM1; p=", None),
        ("revoked, with a last semicolon", "v=DKIM1; k=rsa; p= ;", None),
    ];
    for (what, shape, kind) in rows {
        let text = fill(shape);
        let key = parse(&text);
        assert_eq!((key.kind, key.faults), (*kind, Vec::new()), "{what}");
        assert_eq!(key.revoked, kind.is_none(), "{what}");
        assert!(is_key(&text), "{what}");
    }
}

#[test]
fn every_fault_has_its_place() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("v=DKIM1; k=rsa", &[("missing-key", "")]),
        ("v=DKIM1", &[("missing-key", "")]),
        ("", &[("not-a-tag", ""), ("missing-key", "")]),
        ("v=DKIM2; p={LONG}", &[("bad-version", "v=DKIM2")]),
        ("v=dkim1; p={LONG}", &[("bad-version", "v=dkim1")]),
        ("v=DKIM1.0; p={LONG}", &[("bad-version", "v=DKIM1.0")]),
        ("k=rsa; v=DKIM1; p={LONG}", &[("version-not-first", "v=DKIM1")]),
        ("v=DKIM1; k=rsa; p={LONG}; k=rsa", &[("repeated-tag", "k=rsa")]),
        ("v=DKIM1; k=dsa; p={LONG}", &[("unknown-key-type", "k=dsa")]),
        ("v=DKIM1; h=sha1; p={LONG}", &[("no-sha256", "h=sha1")]),
        // As OpenDKIM's tool once wrote it.
        ("v=DKIM1; h=rsa-sha256; p={LONG}", &[("no-sha256", "h=rsa-sha256")]),
        ("v=DKIM1; s=tlsrpt; p={LONG}", &[("not-for-email", "s=tlsrpt")]),
        ("v=DKIM1; rsa; p={LONG}", &[("not-a-tag", "rsa")]),
        ("v=DKIM1; 1=x; p={LONG}", &[("not-a-tag", "1=x")]),
        ("v=DKIM1;; p={LONG}", &[("not-a-tag", ";")]),
        ("v=DKIM1; p={LONG};;", &[("not-a-tag", ";")]),
        ("v=DKIM1; a-b=x; p={LONG}", &[("not-a-tag", "a-b=x")]),
        ("v=DKIM1: k=rsa; p={LONG}", &[("bad-version", "v=DKIM1: k=rsa")]),
        ("v=DKIM1; p=ab\"\" \"cd", &[("bad-base64", "\"\""), ("bad-base64", "\"")]),
        ("v=DKIM1; p=…bc=d", &[("bad-base64", "…"), ("bad-base64", "d")]),
        ("v=DKIM1; p=abcde", &[("bad-base64", "e")]),
        ("v=DKIM1; p=%abcde", &[("bad-base64", "%")]),
        ("v=DKIM1; p=YQ===", &[("bad-base64", "=")]),
        ("v=DKIM1; p=aGVsbG8=", &[("not-a-key", "aGVsbG8=")]),
        ("v=DKIM1; p={PRIVATE}", &[("not-a-key", PRIVATE)]),
        ("v=DKIM1; p={EC}", &[("not-a-key", ELLIPTIC)]),
        ("v=DKIM1; p={ED}", &[("not-a-key", EDWARDS)]),
        ("v=DKIM1; k=ed25519; p={EDFRAMED}", &[("not-a-key", EDWARDS_FRAMED)]),
        ("v=DKIM1; k=ed25519; p={TINY}", &[("not-a-key", TINY)]),
        ("v=DKIM1; p={BARE}", &[("bare-rsa-key", BARE_SHORT)]),
        (
            "k=dsa; v=DKIM1\\; h=sha1; k=x; p=%; s=x; what",
            &[
                ("unknown-key-type", "k=dsa"),
                ("version-not-first", "v=DKIM1\\"),
                ("bad-version", "v=DKIM1\\"),
                ("no-sha256", "h=sha1"),
                ("repeated-tag", "k=x"),
                ("bad-base64", "%"),
                ("not-for-email", "s=x"),
                ("not-a-tag", "what"),
            ],
        ),
    ];
    for (shape, want) in rows {
        let text = fill(shape);
        let found = faults(&text);
        let mut found: Vec<_> =
            found.iter().map(|fault| (fault.start, fault.code, &text[fault.start..fault.end])).collect();
        let mut want = want.to_vec();
        found.sort_unstable();
        let mut found: Vec<_> = found.into_iter().map(|(_, code, place)| (code, place)).collect();
        found.sort_unstable();
        want.sort_unstable();
        assert_eq!(found, want, "{shape}");
    }
}

#[test]
fn sizes_and_flags() {
    let key = |shape: &str| parse(&fill(shape));
    assert_eq!(key("p={TINY}").kind, Some(Kind::Rsa { bits: 512 }));
    let bare = key("p={BARE}");
    assert_eq!((bare.kind, bare.is_bare(), bare.is_faulty()), (R1024, true, false));
    let flags = key("v=DKIM1; t= y : s; p={LONG}");
    assert_eq!((flags.testing, flags.strict), (true, true));
    assert_eq!((key("t=s; p={LONG}").testing, key("p={LONG}").strict), (false, false));
    // 2 * 8 bits less three zeros; the second octet alone where the first is zero.
    assert_eq!(key::rsa(&[0x30, 7, 2, 2, 0x1F, 0xFF, 2, 1, 3]), Some((13, true)));
    assert_eq!(key::rsa(&[0x30, 7, 2, 2, 0, 0xFF, 2, 1, 3]), Some((8, true)));
    // The longest length of one octet.
    let long = [&[0x30, 0x7F, 2, 0x7A], [0xFF; 0x7A].as_slice(), &[2, 1, 3]].concat();
    assert_eq!(key::rsa(&long), Some((0x7A * 8, true)));
    // The last octet of the algorithm: rsaEncryption, and RSASSA-PSS, which DKIM does not have.
    for (algorithm, want) in [(1, Some((13, false))), (10, None)] {
        let mut framed = vec![0x30, 0x19, 0x30, 0x0B, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, algorithm];
        framed.extend([3, 0x0A, 0, 0x30, 7, 2, 2, 0x1F, 0xFF, 2, 1, 3]);
        assert_eq!(key::rsa(&framed), want, "{algorithm}");
    }
    // A key that was cut off.
    for end in 0..SHORT.len() - 4 {
        assert_eq!(parse(&format!("p={}", &SHORT[..end])).kind, None, "{end}");
    }
}

#[test]
fn other_records_are_no_keys() {
    for text in [
        "v=spf1 mx -all",
        "v=DMARC1; p=none",
        "v=DMARC1; p=reject; rua=mailto:dmarc-reports-of-everything@a-long-name.example.org",
        "v=TLSRPTv1; rua=mailto:a@b.test",
        "o=~",
        "t=y; o=-",
        "google-site-verification=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
        "p=none",
        "x=y; v=spf1",
        "hello",
        "",
        "ü",
    ] {
        assert!(!is_key(text), "{text}");
    }
    for text in ["v=DKIM1", "v=DKIM1\\; p=", "v=dkim1; what", "k=rsa; v=DKIM1", "p=", "p=; v=x"] {
        assert!(is_key(text), "{text}");
    }
    assert!(is_key(&format!("p={}", "a".repeat(41))) && !is_key(&format!("p={}", "a".repeat(40))));
}

#[test]
fn octets() {
    assert_eq!(base64("AZaz09+/"), Ok(vec![0x01, 0x96, 0xB3, 0xD3, 0xDF, 0xBF]));
    assert_eq!(base64("+A=="), Ok(vec![0xF8]));
    assert_eq!(base64("%a".repeat(20).as_str()).unwrap_err().len(), 16);
}

#[test]
fn junk_takes_no_time() {
    for unit in ["a=b;", ";", "=", "p=%a%;", "v", "é;", " \t"] {
        let text = unit.repeat(65_536 / unit.len());
        let all = faults(&text);
        assert!(all.iter().all(|fault| text.get(fault.start..fault.end).is_some()), "{unit}");
        is_key(&text);
    }
}
