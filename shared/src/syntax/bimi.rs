//! BIMI records (draft-brand-indicators-for-message-identification, Assertion Record Definition).

use super::{Bad, Fault, https_host, parts};
use crate::DomainName;
use crate::evidence::DnsAnswer;

/// The tags that drafts know: `avp` and `lps` are of the newer ones.
pub(crate) const TAGS: [&str; 5] = ["v", "l", "a", "avp", "lps"];

const NOT_A_TAG: Bad = ("not-a-tag", "This is not of the form tag=value, so receivers skip it.");
const UNKNOWN: Bad = ("unknown-tag", "There is no such tag, so receivers skip it.");
const REPEATED: Bad = ("repeated-tag", "This tag stands here for the second time.");
const NO_LOCATION: Bad =
    ("missing-location", "Without l= there is no logo; an empty l= says that the domain wants none to be shown.");
const NOT_HTTPS: Bad = ("not-https", "The address must begin with https://, or it is not fetched.");
const BAD_URI: Bad = ("bad-uri", "Behind https:// stands no host name.");
const SEVERAL: Bad = ("several-uris", "Only one address may stand here.");
const NOT_SVG: Bad = ("not-svg", "A logo is an SVG file, whose name ends in .svg as a rule.");
const OLD_SELF: Bad = ("old-self", "a=self is of an old draft: a= holds the address of a certificate, or nothing.");
const BAD_AVATAR: Bad = ("bad-value", "avp is brand or personal.");

/// Where a domain's record stands, of the selector that receivers take where a message names none.
pub fn name(domain: &DomainName) -> Option<DomainName> {
    domain.under("default._bimi")
}

/// The records among the TXT records of a name: those that begin with the version.
pub fn records(answer: &DnsAnswer) -> Vec<String> {
    let is_record = |text: &String| tags(text).next().is_some_and(|tag| tag == ("v".to_owned(), "BIMI1"));
    answer.texts().into_iter().filter(is_record).collect()
}

/// The address of the logo; nothing if it is empty: the domain wants none to be shown.
pub fn logo(text: &str) -> Option<String> {
    let location = tags(text).find(|(tag, _)| tag == "l")?.1;
    (!location.is_empty()).then(|| location.to_owned())
}

/// The address of the certificate that vouches for the logo; nothing where none is named.
pub fn certificate(text: &str) -> Option<String> {
    let (_, address) = tags(text).find(|(tag, _)| tag == "a")?;
    (!address.is_empty() && !address.eq_ignore_ascii_case("self")).then(|| address.to_owned())
}

fn tags(text: &str) -> impl Iterator<Item = (String, &str)> {
    let pairs = parts(text, ';').filter_map(|(_, part)| part.split_once('='));
    pairs.map(|(tag, value)| (tag.trim().to_ascii_lowercase(), value.trim()))
}

/// What is wrong behind the version. Both `l` and `a` may be empty: the domain wants no logo.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (start, part) in parts(text, ';') {
        let end = start + part.len();
        let Some((tag, value)) = part.split_once('=') else {
            if !part.is_empty() {
                faults.push(Fault::new(NOT_A_TAG, start, end));
            }
            continue;
        };
        let tag = tag.trim().to_ascii_lowercase();
        let value = value.trim();
        let fault = if !TAGS.contains(&tag.as_str()) {
            Some((UNKNOWN, start))
        } else if known.contains(&tag) {
            Some((REPEATED, start))
        } else {
            let bad = judge(&tag, value);
            known.push(tag);
            bad.map(|bad| (bad, end - value.len()))
        };
        faults.extend(fault.map(|(bad, start)| Fault::new(bad, start, end)));
    }
    if !known.iter().any(|tag| tag == "l") {
        faults.push(Fault::new(NO_LOCATION, text.len(), text.len()));
    }
    faults
}

/// What is wrong with the value of a tag.
fn judge(tag: &str, value: &str) -> Option<Bad> {
    let lower = value.to_ascii_lowercase();
    match tag {
        "avp" => (lower != "brand" && lower != "personal").then_some(BAD_AVATAR),
        "l" | "a" if lower.is_empty() => None,
        "a" if lower == "self" => Some(OLD_SELF),
        "l" | "a" => {
            let Some(rest) = lower.strip_prefix("https:") else {
                return Some(NOT_HTTPS);
            };
            let is_host = |host| DomainName::new(host).is_ok_and(|host| host.is_host() && host.labels() > 1);
            // Drafts before 2021 let commas part several addresses.
            if value.contains(",https://") || value.contains(char::is_whitespace) {
                return Some(SEVERAL);
            }
            if !https_host(rest).is_some_and(is_host) {
                return Some(BAD_URI);
            }
            let path = rest.split(['?', '#']).next().unwrap_or(rest);
            (tag == "l" && !path.ends_with(".svg") && !path.ends_with(".svgz")).then_some(NOT_SVG)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            ("v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/vmc.pem", &[]),
            ("v=BIMI1;l=https://example.org/logo.SVG?x=1;a=;", &[]),
            ("v=BIMI1; l=; a=;", &[]),
            ("v=BIMI1; l=https://example.org/l.svg; avp=brand; lps=a,b", &[]),
            ("v=BIMI1; l=https://example.org/l.svgz#x; avp=Personal", &[]),
            ("v=BIMI1; a=", &[("missing-location", "")]),
            ("v=BIMI1; l=https://a_b.test/l.svg", &[("bad-uri", "https://a_b.test/l.svg")]),
            ("v=BIMI1; l=https://a.test/1.svg b.svg", &[("several-uris", "https://a.test/1.svg b.svg")]),
            (
                "v=BIMI1; l=http://example.org/l.svg; a=self",
                &[("not-https", "http://example.org/l.svg"), ("old-self", "self")],
            ),
            ("v=BIMI1; l=https://example.org/l.png", &[("not-svg", "https://example.org/l.png")]),
            ("v=BIMI1; l=https:///l.svg; a=https://x", &[("bad-uri", "https:///l.svg"), ("bad-uri", "https://x")]),
            (
                "v=BIMI1; l=https://a.test/1.svg,https://a.test/2.svg; what; z=1; L=; avp=me",
                &[
                    ("several-uris", "https://a.test/1.svg,https://a.test/2.svg"),
                    ("not-a-tag", "what"),
                    ("unknown-tag", "z=1"),
                    ("repeated-tag", "L="),
                    ("bad-value", "me"),
                ],
            ),
        ];
        for (text, want) in rows {
            let found: Vec<_> = faults(text).iter().map(|f| (f.code, &text[f.start..f.end])).collect();
            assert_eq!(found, *want, "{text}");
        }
    }
}
