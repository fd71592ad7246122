//! How the receiving host proves to the site that it is the one who tells of an arrival: an HMAC (RFC 2104) with
//! SHA-256 over the time and the body, under a secret that both know.
//!
//! It stands in a header as `t=1700000000, v1=<64 hexadecimal digits>`. The time is signed too, so that what somebody
//! wrote down on the way is of no use later.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The header that carries the signature.
pub const HEADER: &str = "mailsins-signature";

/// A shorter secret could be guessed.
pub const SECRET_MIN: usize = 32;

/// So far may the clocks of both ends be apart, in seconds.
const APART_MAX: u64 = 300;

/// The header's value for a body that is sent now, in seconds since 1970.
pub fn sign(secret: &[u8], body: &[u8], now: u64) -> String {
    let code = code(secret, body, now).map(|code| code.finalize().into_bytes()).unwrap_or_default();
    code.iter().fold(format!("t={now}, v1="), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Was this body signed under this secret, and lately? Takes as long for a near miss as for a far one.
pub fn is_signed(secret: &[u8], body: &[u8], header: &str, now: u64) -> bool {
    let Some((at, digits)) = header.strip_prefix("t=").and_then(|rest| rest.split_once(", v1=")) else {
        return false;
    };
    let (Ok(at), Some(claimed)) = (at.parse::<u64>(), octets(digits)) else {
        return false;
    };
    secret.len() >= SECRET_MIN
        && at.abs_diff(now) <= APART_MAX
        && code(secret, body, at).is_some_and(|code| code.verify_slice(&claimed).is_ok())
}

fn code(secret: &[u8], body: &[u8], at: u64) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    code.update(format!("{at}.").as_bytes());
    code.update(body);
    Some(code)
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const NOW: u64 = 1_700_000_000;

    #[test]
    fn what_counts_as_signed() {
        let header = sign(SECRET, b"body", NOW);
        assert!(header.starts_with("t=1700000000, v1=") && header.len() == 17 + 64, "{header}");
        let short = &SECRET[..31];
        let later = header.replace("t=1700000000", "t=1700000001");
        let cut = header.strip_suffix(|_: char| true).unwrap();
        let odd = header.replace("v1=", "v1=+");
        type Row<'a> = (&'a str, bool, &'a [u8], &'a [u8], &'a str, u64);
        let rows: &[Row<'_>] = &[
            ("as it came", true, SECRET, b"body", &header, NOW),
            ("at the edge of time", true, SECRET, b"body", &header, NOW + 300),
            ("from a clock that is ahead", true, SECRET, b"body", &header, NOW - 300),
            ("said again later", false, SECRET, b"body", &header, NOW + 301),
            ("another body", false, SECRET, b"bodx", &header, NOW),
            ("another secret", false, b"0123456789abcdef0123456789abcdeg", b"body", &header, NOW),
            ("a short secret", false, short, b"body", &sign(short, b"body", NOW), NOW),
            ("another time than signed", false, SECRET, b"body", &later, NOW),
            ("cut short", false, SECRET, b"body", cut, NOW),
            ("not hexadecimal", false, SECRET, b"body", &odd, NOW),
            ("no code", false, SECRET, b"body", "t=1700000000, v1=", NOW),
            ("no signature", false, SECRET, b"body", "", NOW),
        ];
        for (name, want, secret, body, header, now) in rows {
            assert_eq!(is_signed(secret, body, header, *now), *want, "{name}");
        }
    }
}
