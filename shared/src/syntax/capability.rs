//! What servers of IMAP and POP3 say that they can do.

use crate::evidence::LineExchange;

/// The capabilities in an IMAP reply (RFC 9051 section 7.2.2), in upper case; nothing where the
/// command failed or no line of the reply names any.
pub fn imap(lines: &[String]) -> Option<Vec<String>> {
    let mut words = lines.last()?.split_ascii_whitespace().skip(1);
    if !words.next().is_some_and(|status| status.eq_ignore_ascii_case("OK")) {
        return None;
    }
    let mut found: Option<Vec<String>> = None;
    for line in lines {
        let mut words = line.split_ascii_whitespace();
        let named =
            words.next() == Some("*") && words.next().is_some_and(|word| word.eq_ignore_ascii_case("CAPABILITY"));
        if named {
            found.get_or_insert_default().extend(words.map(str::to_ascii_uppercase));
        }
    }
    found
}

/// Does the server say that whoever connects is logged in already (RFC 9051 section 7.1.4)?
pub fn is_preauth(exchanges: &[LineExchange]) -> bool {
    let greeting = exchanges.first().and_then(|exchange| exchange.reply.as_deref()).unwrap_or_default();
    greeting.iter().any(|line| line.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("* PREAUTH")))
}

/// The mechanisms that an IMAP server offers: `AUTH=` of its capabilities.
pub fn imap_mechanisms(capabilities: &[String]) -> Vec<&str> {
    capabilities.iter().filter_map(|word| word.strip_prefix("AUTH=")).collect()
}

/// Does this list of an IMAP server's capabilities offer a mechanism?
pub fn imap_offers(lines: &[String], mechanism: &str) -> bool {
    imap(lines).is_some_and(|capabilities| imap_mechanisms(&capabilities).contains(&mechanism))
}

/// Does this list of a POP3 server's capabilities offer a mechanism?
pub fn pop_offers(lines: &[String], mechanism: &str) -> bool {
    pop(lines).is_some_and(|capabilities| pop_mechanisms(&capabilities).contains(&mechanism))
}

/// Does an IMAP server offer STARTTLS? Nothing where this is no list of capabilities.
pub fn imap_starttls(lines: &[String]) -> Option<bool> {
    Some(imap(lines)?.iter().any(|word| word == "STARTTLS"))
}

/// Does a POP3 server offer STLS (RFC 2595 section 4)? Nothing where this is no list of capabilities.
pub fn pop_stls(lines: &[String]) -> Option<bool> {
    Some(pop_has(&pop(lines)?, "STLS"))
}

/// Does a ManageSieve server offer STARTTLS (RFC 5804 section 1.7)?
pub fn sieve_starttls(lines: &[String]) -> bool {
    lines.iter().any(|line| line.trim_end().eq_ignore_ascii_case("\"STARTTLS\""))
}

/// The capabilities in a POP3 reply (RFC 2449 section 5): keyword and parameters, in upper case;
/// nothing where the command failed.
pub fn pop(lines: &[String]) -> Option<Vec<Vec<String>>> {
    let (first, rest) = lines.split_first()?;
    let ok = first.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("+OK"));
    let words = |line: &String| line.split_ascii_whitespace().map(str::to_ascii_uppercase).collect::<Vec<_>>();
    ok.then(|| rest.iter().map(words).filter(|words| !words.is_empty()).collect())
}

/// Is this keyword among POP3's capabilities?
pub fn pop_has(capabilities: &[Vec<String>], keyword: &str) -> bool {
    capabilities.iter().any(|words| words.first().is_some_and(|word| word == keyword))
}

/// The mechanisms that a POP3 server offers (RFC 5034 section 3).
pub fn pop_mechanisms(capabilities: &[Vec<String>]) -> Vec<&str> {
    let sasl = capabilities.iter().filter(|words| words.first().is_some_and(|word| word == "SASL"));
    sasl.flat_map(|words| words.iter().skip(1)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn imap_replies() {
        let rows: &[(&str, Option<&[&str]>)] = &[
            ("* CAPABILITY IMAP4rev1 LoginDisabled\na1 OK done", Some(&["IMAP4REV1", "LOGINDISABLED"])),
            ("* OK hello\n* capability IMAP4rev2\n* CAPABILITY ID\na1 ok", Some(&["IMAP4REV2", "ID"])),
            ("* CAPABILITY\na1 OK", Some(&[])),
            ("a1 OK", None),
            ("+ CAPABILITY IMAP4rev1\na1 OK", None),
            ("* CAPABILITY IMAP4rev1\na1 NO later", None),
            ("* CAPABILITY IMAP4rev1\na1 BAD", None),
            ("* CAPABILITY IMAP4rev1\n* BYE", None),
            ("", None),
        ];
        for (text, want) in rows {
            let got = imap(&lines(text));
            let want = want.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(got, want, "{text}");
        }
        assert_eq!(imap_starttls(&lines("* CAPABILITY StartTLS\na1 OK")), Some(true));
        assert_eq!(imap_starttls(&lines("* CAPABILITY STARTTLSX\na1 OK")), Some(false));
        assert_eq!(imap_starttls(&lines("a1 NO")), None);
        let found = imap(&lines("* CAPABILITY AUTH=PLAIN auth=login AUTH= SASL-IR\na1 OK")).unwrap();
        assert_eq!(imap_mechanisms(&found), ["PLAIN", "LOGIN", ""]);
        let offers = lines("* CAPABILITY AUTH=PLAIN\na1 OK");
        assert!(imap_offers(&offers, "PLAIN") && !imap_offers(&offers, "LOGIN"));
    }

    #[test]
    fn pop_replies() {
        let found = pop(&lines("+OK list\nUser\nSASL PLAIN cram-md5\n\nSTLS\nIMPLEMENTATION x SASL y")).unwrap();
        assert!(pop_has(&found, "USER") && pop_has(&found, "STLS") && !pop_has(&found, "PLAIN"));
        assert_eq!(pop_mechanisms(&found), ["PLAIN", "CRAM-MD5"]);
        assert_eq!(pop_stls(&lines("+OK\nstls")), Some(true));
        assert_eq!(pop_stls(&lines("+OK\nSASL STLS")), Some(false));
        assert_eq!(pop_stls(&lines("-ERR no")), None);
        assert!(sieve_starttls(&lines("\"SASL\" \"\"\n\"StartTls\"\nOK")));
        assert!(!sieve_starttls(&lines("\"X\" \"STARTTLS\"\nOK")));
        assert_eq!(pop(&lines("-ERR no")), None);
        let offers = lines("+OK\n\nSASL PLAIN");
        assert!(pop_offers(&offers, "PLAIN") && !pop_offers(&offers, "LOGIN"));
        assert_eq!(pop(&offers).unwrap().len(), 1);
        assert_eq!(pop(&lines("+OK")), Some(Vec::new()));
        assert_eq!(pop(&[]), None);
    }
}
