//! TLSA records (RFC 6698 section 2) and which of them senders of mail can use (RFC 7672 section 3).

use super::Fault;

/// What a text says of a TLSA record; what is missing could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tlsa {
    /// What the data stands for.
    pub usage: Option<u8>,
    /// Which part of the certificate it is about.
    pub selector: Option<u8>,
    /// How the data was made of it.
    pub matching: Option<u8>,
    /// The data, in hexadecimal digits without spaces; only if all of it could be read.
    pub data: Option<String>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// A field of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Usage,
    Selector,
    Matching,
    Data,
}

const FIELDS: [(Field, &str); 4] = [
    (Field::Usage, "The record has no usage: it begins with three numbers (RFC 6698 section 2.2)."),
    (Field::Selector, "The record has no selector: it begins with three numbers (RFC 6698 section 2.2)."),
    (Field::Matching, "The record has no matching type: it begins with three numbers (RFC 6698 section 2.2)."),
    (Field::Data, "The record has no data behind its three numbers (RFC 6698 section 2.2)."),
];

/// Can senders of mail check a server by this record?
pub fn usable(usage: u8, selector: u8, matching: u8, data: &str) -> bool {
    broken(Some(usage), Some(selector), Some(matching), Some(data)).is_empty()
}

/// The faults of a record as a zone writes it, such as `3 1 1 5ab2…`, for SMTP.
pub fn faults(text: &str) -> Vec<Fault> {
    parse(text).faults
}

/// Reads a record as a zone writes it. Spaces, line ends and parentheses within the data are
/// passed over (RFC 1035 section 5.1).
pub fn parse(text: &str) -> Tlsa {
    let mut record = Tlsa::default();
    let mut places = [(text.len(), text.len()); 4];
    let mut words = words(text).peekable();
    for ((field, missing), place) in FIELDS.into_iter().zip(&mut places) {
        let Some((start, word)) = words.next() else {
            record.faults.push(fault((text.len(), text.len()), "missing-field", missing));
            break;
        };
        *place = (start, start + word.len());
        let number = word.parse().ok().filter(|_| word.bytes().all(|octet| octet.is_ascii_digit()));
        match field {
            Field::Usage => record.usage = number,
            Field::Selector => record.selector = number,
            Field::Matching => record.matching = number,
            Field::Data => {
                let mut digits = word.to_owned();
                for (start, word) in words.by_ref() {
                    digits.push_str(word);
                    place.1 = start + word.len();
                }
                if digits.bytes().any(|octet| !octet.is_ascii_hexdigit()) {
                    let why = "The data has a character that is no hexadecimal digit (RFC 6698 section 2.2).";
                    record.faults.push(fault(*place, "not-hexadecimal", why));
                } else if digits.len() % 2 == 1 {
                    let why = "The data has an odd number of hexadecimal digits (RFC 6698 section 2.2).";
                    record.faults.push(fault(*place, "odd-digits", why));
                } else {
                    record.data = Some(digits.to_ascii_lowercase());
                }
                continue;
            }
        }
        if number.is_none() {
            let why = "This must be a number from 0 to 255 (RFC 6698 section 2.2).";
            record.faults.push(fault(*place, "not-a-number", why));
        }
    }
    for (field, code, message) in broken(record.usage, record.selector, record.matching, record.data.as_deref()) {
        let at = FIELDS.iter().zip(places).find(|((known, _), _)| *known == field).map(|(_, place)| place);
        record.faults.push(fault(at.unwrap_or_default(), code, message));
    }
    record.faults.sort();
    record
}

/// The rules that a record breaks, of those fields that are known.
fn broken(
    usage: Option<u8>,
    selector: Option<u8>,
    matching: Option<u8>,
    data: Option<&str>,
) -> Vec<(Field, &'static str, &'static str)> {
    let mut broken = Vec::new();
    match usage {
        // RFC 7672 section 3.1.3.
        Some(0 | 1) => broken.push((
            Field::Usage,
            "pkix-usage",
            "Usages 0 and 1 are not defined for mail servers, and senders may ignore the record (RFC 7672 section 3.1.3).",
        )),
        // RFC 6698 section 2.1.1.
        Some(4..) => broken.push((Field::Usage, "unknown-usage", "There are usages 0 to 3 only (RFC 6698 section 2.1.1).")),
        _ => {}
    }
    if selector.is_some_and(|selector| selector > 1) {
        broken.push((
            Field::Selector,
            "unknown-selector",
            "There are selectors 0 and 1 only (RFC 6698 section 2.1.2).",
        ));
    }
    // RFC 6698 section 2.1.3.
    let fits = match matching {
        Some(0) => data.is_none_or(|data| data.starts_with("30")),
        Some(1) => data.is_none_or(|data| data.len() == 64),
        Some(2) => data.is_none_or(|data| data.len() == 128),
        None => true,
        Some(_) => {
            let why = "There are matching types 0 to 2 only (RFC 6698 section 2.1.3).";
            broken.push((Field::Matching, "unknown-matching", why));
            true
        }
    };
    if !fits {
        broken.push((
            Field::Data,
            "wrong-data",
            "Matching type 1 takes 64 hexadecimal digits, type 2 takes 128, and type 0 a certificate or key in DER, which begins with 30 (RFC 6698 section 2.1.3).",
        ));
    }
    broken
}

/// Words with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split([' ', '\t', '\r', '\n', '(', ')']).filter_map(move |word| {
        let at = start;
        start += word.len() + 1;
        (!word.is_empty()).then_some((at, word))
    })
}

fn fault((start, end): (usize, usize), code: &'static str, message: &'static str) -> Fault {
    Fault { start, end, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &[(&str, &str)]) {
        let found: Vec<_> = faults(text).iter().map(|f| (text[f.start..f.end].to_owned(), f.code)).collect();
        let found: Vec<_> = found.iter().map(|(place, code)| (place.as_str(), *code)).collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn faults_have_their_place() {
        let sha256 = "5a".repeat(32);
        let sha512 = "0F".repeat(64);
        for good in [
            format!("3 1 1 {sha256}"),
            format!("2 0 2 {sha512}"),
            format!("3 1 1 ( {} \n {} )", &sha256[..20], &sha256[20..]),
            "3 0 0 3082".to_owned(),
        ] {
            check(&good, &[]);
        }
        check("", &[("", "missing-field")]);
        check("3 1", &[("", "missing-field")]);
        check("3 1 1", &[("", "missing-field")]);
        check(&format!("1 1 1 {sha256}"), &[("1", "pkix-usage")]);
        check(
            &format!("4 2 3 {sha256}"),
            &[("4", "unknown-usage"), ("2", "unknown-selector"), ("3", "unknown-matching")],
        );
        check(&format!("DANE-EE 1 256 {sha256}"), &[("DANE-EE", "not-a-number"), ("256", "not-a-number")]);
        check(&format!("+3 1 1 {sha256}"), &[("+3", "not-a-number")]);
        check("3 1 1 abc", &[("abc", "odd-digits")]);
        check("3 1 1 ab cd xy", &[("ab cd xy", "not-hexadecimal")]);
        check("3 1 1 abcd", &[("abcd", "wrong-data")]);
        check("3 1 2 abcd", &[("abcd", "wrong-data")]);
        check("3 0 0 abcd", &[("abcd", "wrong-data")]);
    }

    #[test]
    fn what_is_read() {
        let record = parse("3 1 0 30 82\n(AB)");
        assert_eq!((record.usage, record.selector, record.matching), (Some(3), Some(1), Some(0)));
        assert_eq!(record.data.as_deref(), Some("3082ab"));
        assert!(usable(2, 1, 1, &"00".repeat(32)) && !usable(0, 1, 1, &"00".repeat(32)) && !usable(3, 1, 0, ""));
    }
}
