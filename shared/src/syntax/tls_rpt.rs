//! TLS reporting records (RFC 8460 section 3).

use super::{Bad, Fault, parts};
use crate::DomainName;
use crate::evidence::DnsAnswer;

/// What the TXT records of a name hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsRpt {
    /// The records that begin with `v=TLSRPTv1;`: senders look at no others.
    pub records: Vec<String>,
    /// Others that were probably meant to be one.
    pub look_alikes: Vec<String>,
}

/// Where a domain's record stands.
pub fn name(domain: &DomainName) -> Option<DomainName> {
    domain.under("_smtp._tls")
}

/// Sorts the TXT records of the name.
pub fn read(answer: &DnsAnswer) -> TlsRpt {
    let (records, rest) = answer.texts().into_iter().partition::<Vec<_>, _>(|text| {
        text.strip_prefix("v=TLSRPTv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
    });
    let close = |text: &String| text.to_ascii_lowercase().contains("tlsrpt");
    TlsRpt { records, look_alikes: rest.into_iter().filter(close).collect() }
}

const NO_RUA: Bad = ("no-rua", "The record names nobody in rua who takes the reports (RFC 8460 section 3).");
const REPEATED: Bad = (
    "repeated-rua",
    "rua stands here for the second time: several addresses belong into one, with commas between them (RFC 8460 section 3).",
);
const NOT_A_FIELD: Bad = ("not-a-field", "This is not of the form name=value (RFC 8460 section 3).");
const NO_SCHEME: Bad = ("no-scheme", "An address begins with mailto: or https: (RFC 8460 section 3).");
const BAD_URI: Bad =
    ("bad-uri", "This is neither mailto: and a mail address nor https:// and a host (RFC 8460 section 3).");

/// What is wrong behind the version: whatever is not `rua=` with `mailto:` and `https:` URIs.
/// Nothing: senders can use it. Fields that nobody knows are allowed.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut reports = 0;
    for (start, field) in parts(text, ';') {
        let end = start + field.len();
        match field.split_once('=') {
            Some((tag, list)) if tag.trim() == "rua" => {
                reports += 1;
                if reports > 1 {
                    faults.push(Fault::new(REPEATED, start, end));
                    continue;
                }
                let list = list.trim();
                for (at, uri) in parts(list, ',') {
                    let at = end - list.len() + at;
                    let bad = check_uri(uri).err();
                    faults.extend(bad.map(|bad| Fault::new(bad, at, at + uri.len())));
                }
            }
            Some((tag, value)) if !tag.trim().is_empty() && !value.trim().is_empty() => {}
            _ if field.is_empty() => {}
            _ => faults.push(Fault::new(NOT_A_FIELD, start, end)),
        }
    }
    if reports == 0 {
        faults.push(Fault::new(NO_RUA, text.len(), text.len()));
    }
    faults
}

/// The URIs of a record, or of what was meant to be one, that reports can go to.
pub fn uris(text: &str) -> impl Iterator<Item = &str> {
    let fields = text.split(';').filter_map(|field| field.split_once('='));
    let lists = fields.filter(|(tag, _)| tag.trim().eq_ignore_ascii_case("rua")).map(|(_, list)| list);
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|uri| check_uri(uri).is_ok())
}

fn check_uri(uri: &str) -> Result<(), Bad> {
    let host = |host: &str| DomainName::new(host).is_ok_and(|host| host.labels() > 1);
    let lower = uri.to_ascii_lowercase();
    let good = match lower.split_once(':') {
        _ if uri.is_empty() => return Err(NO_RUA),
        _ if uri.contains(char::is_whitespace) => false,
        Some(("mailto", address)) => address
            .split('?')
            .next()
            .and_then(|address| address.rsplit_once('@'))
            .is_some_and(|(local, at)| !local.is_empty() && host(at)),
        Some(("https", rest)) => super::https_host(rest).is_some_and(host),
        None => return Err(NO_SCHEME),
        _ => false,
    };
    if good { Ok(()) } else { Err(BAD_URI) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Record;

    #[test]
    fn faults_have_their_place() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            ("v=TLSRPTv1; rua=mailto:tls@example.org", &[]),
            ("v=TLSRPTv1;rua=https://r.example.org/v1?x=1 , mailto:a@b.test;", &[]),
            ("v=TLSRPTv1; rua=mailto:a@b.test; new=thing", &[]),
            ("v=TLSRPTv1;", &[("no-rua", "")]),
            ("v=TLSRPTv1; rua=", &[("no-rua", "")]),
            ("v=TLSRPTv1; rua=mailto:a@b.test, ", &[("no-rua", "")]),
            ("v=TLSRPTv1; rua=a@b.test", &[("no-scheme", "a@b.test")]),
            ("v=TLSRPTv1; rua=mailto:a b@b.test ; what", &[("bad-uri", "mailto:a b@b.test"), ("not-a-field", "what")]),
            ("v=TLSRPTv1; rua=mailto:a@b.test?x=1; =x; y=", &[("not-a-field", "=x"), ("not-a-field", "y=")]),
            ("v=TLSRPTv1; rua=http://b.test/", &[("bad-uri", "http://b.test/")]),
            ("v=TLSRPTv1; rua=mailto:@b.test", &[("bad-uri", "mailto:@b.test")]),
            ("v=TLSRPTv1; rua=mailto:a@b", &[("bad-uri", "mailto:a@b")]),
            (
                "v=TLSRPTv1; rua=mailto:a@b.test, https:b.test; rua=mailto:c@b.test",
                &[("bad-uri", "https:b.test"), ("repeated-rua", "rua=mailto:c@b.test")],
            ),
        ];
        for (text, want) in rows {
            let found: Vec<_> = faults(text).iter().map(|f| (f.code, &text[f.start..f.end])).collect();
            assert_eq!(found, *want, "{text}");
        }
    }

    #[test]
    fn what_is_a_record() {
        let texts = ["v=TLSRPTv1; a", "v=TLSRPTv1 ;", "v=TLSRPTv1", "v=TLSRPTv12;", "V=tlsrptv1;", "v=spf1 -all"];
        let records = texts.map(|text| Record::Txt(vec![text.to_owned()])).into();
        let found = read(&DnsAnswer { records, ..DnsAnswer::default() });
        assert_eq!(found.records, texts[..2]);
        assert_eq!(found.look_alikes, texts[2..5]);
    }

    #[test]
    fn where_reports_can_go() {
        let text = "TLSRPT; x=mailto:x@b.test; RUA = mailto:a@b.test, a@b.test ,https://b.test/;";
        assert_eq!(uris(text).collect::<Vec<_>>(), ["mailto:a@b.test", "https://b.test/"]);
    }
}
