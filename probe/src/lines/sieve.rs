//! ManageSieve: its greeting holds the capabilities (RFC 5804 section 1.7).

use super::Part;

/// What a line is to a reply (RFC 5804 section 1.2): strings, then OK, NO or BYE.
pub(super) fn part(line: &str) -> Part {
    let word = line.split([' ', '(']).next().unwrap_or_default();
    match word.to_ascii_uppercase().as_str() {
        "OK" | "NO" => Part::Last,
        "BYE" => Part::Bye,
        _ if line.starts_with(['"', '{']) => Part::More,
        _ => Part::Alien,
    }
}
