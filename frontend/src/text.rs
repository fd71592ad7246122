//! Small texts: dates, durations, counts.

use shared::visible::visible;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `24 November 2026` of an RFC 3339 time; what was given, if it is none.
pub(crate) fn day(rfc3339: &str) -> String {
    parts(rfc3339).map_or_else(|| visible(rfc3339), |(date, _)| date)
}

/// `24 November 2026, 10:11 UTC` of an RFC 3339 time in UTC.
#[cfg(any(feature = "browser", feature = "ssr"))]
pub(crate) fn moment(rfc3339: &str) -> String {
    parts(rfc3339).map_or_else(|| visible(rfc3339), |(date, clock)| format!("{date}, {clock} UTC"))
}

fn parts(rfc3339: &str) -> Option<(String, String)> {
    let (date, clock) = rfc3339.split_once('T')?;
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day: u8 = day.parse().ok()?;
    Some((format!("{day} {month} {year}"), clock.get(..5)?.to_owned()))
}

/// Milliseconds since 1970 of an RFC 3339 time.
pub(crate) fn millis(rfc3339: &str) -> Option<u64> {
    let moment = OffsetDateTime::parse(rfc3339, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

/// `6.2 s`, `230 ms`, `1 min 12 s`.
#[cfg(any(feature = "browser", feature = "ssr"))]
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// A share as whole per cent, rounded down, so that 100 means all.
pub(crate) fn percent(share: f64) -> u32 {
    let percent = (share.clamp(0.0, 1.0) * 100.0 + 1e-9).floor();
    percent as u32
}

/// `1 fact`, `2 facts`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(day("2026-11-24T10:11:12Z"), "24 November 2026");
        assert_eq!(day("2026-01-04T10:11:12.5Z"), "4 January 2026");
        assert_eq!(day("soon"), "soon");
        assert_eq!(day("2026-13-24T10:11:12Z"), "2026-13-24T10:11:12Z");
        assert_eq!(millis("1970-01-01T00:00:01.5Z"), Some(1_500));
        assert_eq!(millis("soon"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(percent(0.999), 99);
        assert_eq!(percent(1.0), 100);
        assert_eq!(percent(41.0 / 46.0), 89);
        assert_eq!(percent(0.29), 29);
        assert_eq!(count(1, "fact", "facts"), "1 fact");
        assert_eq!(count(0, "fact", "facts"), "0 facts");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn durations() {
        assert_eq!(duration(230), "230 ms");
        assert_eq!(duration(6_270), "6.2 s");
        assert_eq!(duration(72_000), "1 min 12 s");
        assert_eq!(moment("2026-11-24T10:11:12Z"), "24 November 2026, 10:11 UTC");
    }
}
