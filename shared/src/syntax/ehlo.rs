//! EHLO replies (RFC 5321 section 4.1.1.1): the server's name, then a keyword a line.

use crate::evidence::Reply;

/// The keywords with their parameters, in the order of the reply; keywords in upper case, as their
/// case does not matter. The old form `AUTH=LOGIN` reads as `AUTH LOGIN`. The first line is not a
/// keyword.
pub fn keywords(reply: &Reply) -> Vec<(String, Vec<String>)> {
    reply.lines.iter().skip(1).filter_map(|line| keyword(line)).collect()
}

fn keyword(line: &str) -> Option<(String, Vec<String>)> {
    let mut words = line.split_ascii_whitespace();
    let keyword = words.next()?.to_ascii_uppercase();
    let old = keyword.strip_prefix("AUTH=").map(str::to_owned);
    let parameters = words.map(str::to_owned);
    Some(match old {
        Some(first) => {
            let first = Some(first).filter(|mechanism| !mechanism.is_empty());
            ("AUTH".to_owned(), first.into_iter().chain(parameters).collect())
        }
        None => (keyword, parameters.collect()),
    })
}

/// Is this keyword offered?
pub fn has(reply: &Reply, keyword: &str) -> bool {
    keywords(reply).iter().any(|(offered, _)| offered.eq_ignore_ascii_case(keyword))
}

/// Is this mechanism of AUTH offered?
pub fn offers_auth(reply: &Reply, mechanism: &str) -> bool {
    let offers = |(keyword, words): (String, Vec<String>)| {
        keyword == "AUTH" && words.iter().any(|word| word.eq_ignore_ascii_case(mechanism))
    };
    keywords(reply).into_iter().any(offers)
}

/// How many recipients a message may have, by `LIMITS RCPTMAX=` (RFC 9422), and the word that says so. Nothing
/// where it is no number of one to six digits without a zero in front.
pub fn recipient_limit(reply: &Reply) -> Option<(String, u32)> {
    let limits = keywords(reply).into_iter().filter(|(keyword, _)| keyword == "LIMITS");
    limits.flat_map(|(_, words)| words).find_map(|word| {
        let (name, value) = word.split_once('=')?;
        let digits = (1..=6).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
        let good = name.eq_ignore_ascii_case("RCPTMAX") && digits && !value.starts_with('0');
        let limit = value.parse().ok().filter(|_| good)?;
        Some((word, limit))
    })
}

/// The word in the place of the server's name: the first one, in a greeting as in a reply to EHLO.
/// It need not be a name at all.
pub fn server_name(reply: &Reply) -> Option<&str> {
    reply.lines.first()?.split_ascii_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply {
        Reply { code: 250, lines: text.lines().map(str::to_owned).collect() }
    }

    #[test]
    fn keywords_and_their_parameters() {
        let rows: &[(&str, &[(&str, &[&str])])] = &[
            ("mx.test", &[]),
            ("SIZE 10\nSIZE 20", &[("SIZE", &["20"])]),
            ("mx.test\nsize\n8BitMime\n", &[("SIZE", &[]), ("8BITMIME", &[])]),
            ("mx.test Hello\nAUTH PLAIN login", &[("AUTH", &["PLAIN", "login"])]),
            ("mx.test\nAUTH=LOGIN PLAIN\nAUTH=", &[("AUTH", &["LOGIN", "PLAIN"]), ("AUTH", &[])]),
            ("mx.test\n\n  LIMITS  RCPTMAX=5 ", &[("LIMITS", &["RCPTMAX=5"])]),
        ];
        for (text, want) in rows {
            let got = keywords(&reply(text));
            let got: Vec<(&str, Vec<&str>)> = got
                .iter()
                .map(|(keyword, rest)| (keyword.as_str(), rest.iter().map(String::as_str).collect()))
                .collect();
            let want: Vec<(&str, Vec<&str>)> = want.iter().map(|(keyword, rest)| (*keyword, rest.to_vec())).collect();
            assert_eq!(got, want, "{text:?}");
        }
        for (text, want) in [
            ("LIMITS RCPTMAX=100 MAILMAX=5", Some(100)),
            ("limits mailmax=5 rcptmax=999999", Some(999_999)),
            ("LIMITS RCPTMAX=5", Some(5)),
            ("X RCPTMAX=5", None),
            ("LIMITS RCPTMAX=0", None),
            ("LIMITS RCPTMAX=1000000", None),
            ("LIMITS RCPTMAX=+5", None),
            ("LIMITS RCPTMAX", None),
            ("RCPTMAX=5", None),
        ] {
            assert_eq!(recipient_limit(&reply(&format!("mx.test\n{text}"))).map(|(_, limit)| limit), want, "{text}");
        }
        assert!(has(&reply("mx.test\npipelining"), "PIPELINING"));
        assert!(!has(&reply("PIPELINING"), "PIPELINING"));
        assert!(offers_auth(&reply("mx.test\nauth plain"), "PLAIN"));
        assert!(!offers_auth(&reply("mx.test\nX PLAIN\nAUTH LOGIN"), "PLAIN"));
    }

    #[test]
    fn server_names() {
        let rows = [("mx.test ESMTP Postfix", Some("mx.test")), ("mx.test", Some("mx.test")), ("", None), ("  ", None)];
        for (text, want) in rows {
            assert_eq!(server_name(&reply(text)), want, "{text:?}");
        }
        assert_eq!(server_name(&Reply { code: 220, lines: vec![] }), None);
    }
}
