//! TLS reporting records (RFC 8460 section 3).

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
        // The delimiter may have space around it (RFC 8460 section 3, `field-delim`).
        text.strip_prefix("v=TLSRPTv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
    });
    let close = |text: &String| text.to_ascii_lowercase().contains("tlsrpt");
    TlsRpt { records, look_alikes: rest.into_iter().filter(close).collect() }
}

/// The places in a record, in octets, that are not `rua=` with `mailto:` and `https:` URIs.
/// Nothing: senders can use it. Fields that nobody knows are allowed.
pub fn faults(text: &str) -> Vec<(usize, usize)> {
    let mut faults = Vec::new();
    let mut reports = 0;
    let mut start = 0;
    for field in text.split(';') {
        let place = (start + field.len() - field.trim_start().len(), start + field.trim_end().len());
        start += field.len() + 1;
        match field.split_once('=') {
            Some((tag, value)) if tag.trim() == "rua" => {
                reports += 1;
                if reports > 1 || !value.split(',').all(|uri| is_uri(uri.trim())) {
                    faults.push(place);
                }
            }
            Some((tag, value)) if !tag.trim().is_empty() && !value.trim().is_empty() => {}
            _ if place.0 >= place.1 => {}
            _ => faults.push(place),
        }
    }
    if reports == 0 {
        faults.push((0, text.len()));
    }
    faults
}

/// The URIs of a record, or of what was meant to be one, that reports can go to.
pub fn uris(text: &str) -> impl Iterator<Item = &str> {
    let fields = text.split(';').filter_map(|field| field.split_once('='));
    let lists = fields.filter(|(tag, _)| tag.trim().eq_ignore_ascii_case("rua")).map(|(_, list)| list);
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|uri| is_uri(uri))
}

fn is_uri(uri: &str) -> bool {
    let host = |host: &str| DomainName::new(host).is_ok_and(|host| host.labels() > 1);
    let lower = uri.to_ascii_lowercase();
    if uri.contains(char::is_whitespace) {
        return false;
    }
    match lower.split_once(':') {
        Some(("mailto", address)) => address
            .split('?')
            .next()
            .and_then(|address| address.rsplit_once('@'))
            .is_some_and(|(local, at)| !local.is_empty() && host(at)),
        Some(("https", rest)) => {
            rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#', ':']).next()).is_some_and(host)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place() {
        let rows: &[(&str, &[&str])] = &[
            ("v=TLSRPTv1; rua=mailto:tls@example.org", &[]),
            ("v=TLSRPTv1;rua=https://r.example.org/v1?x=1 , mailto:a@b.test;", &[]),
            ("v=TLSRPTv1; rua=mailto:a@b.test; new=thing", &[]),
            ("v=TLSRPTv1;", &["v=TLSRPTv1;"]),
            ("v=TLSRPTv1; rua=", &["rua="]),
            ("v=TLSRPTv1; rua=a@b.test", &["rua=a@b.test"]),
            ("v=TLSRPTv1; rua=mailto:a b@b.test ; what", &["rua=mailto:a b@b.test", "what"]),
            ("v=TLSRPTv1; rua=http://b.test/", &["rua=http://b.test/"]),
            ("v=TLSRPTv1; rua=mailto:a@b.test; rua=mailto:c@b.test", &["rua=mailto:c@b.test"]),
        ];
        for (text, want) in rows {
            let found: Vec<_> = faults(text).into_iter().map(|(start, end)| &text[start..end]).collect();
            assert_eq!(found, *want, "{text}");
        }
    }
}
