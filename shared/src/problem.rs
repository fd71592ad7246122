//! The kinds of problems that the API answers with (RFC 9457). The Worker answers them; the OpenAPI document, the
//! pages below `/problems/` and docs/api.md list them.

macro_rules! kinds {
    ($($name:ident => $status:literal, $slug:literal, $title:literal, $detail:literal, $advice:literal;)+) => {
        /// Every problem that the API knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $title] $name,)+
        }

        impl Kind {
            /// All, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// HTTP status, last part of the type, title, and what to say if nothing better is known.
            pub const fn words(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, $slug, $title, $detail),)+ }
            }

            /// What whoever meets it can do.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)+ }
            }
        }
    };
}

kinds! {
    BadJson => 400, "bad-json", "Not JSON", "The body is not JSON.",
        "`detail` says where the text stops being JSON. Send UTF-8, without a comma behind the last item.";
    BadQuery => 400, "bad-query", "Bad query", "`since` is the number of a piece of evidence.",
        "`since`, and the header Last-Event-ID, hold the number of the last piece of evidence that you have, in decimal digits; 0, or nothing at all, asks for everything.";
    BadKey => 400, "bad-key", "Bad idempotency key", "The header Idempotency-Key holds 16 to 128 visible ASCII characters.",
        "Make up a fresh key for each thing that you want done once, such as a UUID, and send the same one when you try again.";
    WrongKey => 403, "wrong-key", "Wrong delete key", "The header Mailsins-Delete-Key does not carry this report's key.",
        "The key was told once, in the answer to the request that published the report. Without it a report goes by itself after a year, or when its domain opts out.";
    BadSignature => 403, "bad-signature", "Wrong signature", "This was not signed by the receiving host of this site, or not within five minutes.",
        "Only the receiving host that the site was set up with (`mailsins sink`) tells of arrivals. Compare the secrets and the clocks of both.";
    NotConsented => 403, "not-consented", "Not consented", "The domain's own record does not allow this.",
        "`door` says which condition is not met, by the codes of `/api/v1/consent/{domain}`, which shows what is read there. Publish the record, and try again when what resolvers keep has run out.";
    WrongCode => 403, "wrong-code", "Wrong code", "This is not the code of the message.",
        "A code can be tried five times. Take it from the message at the mailbox that the domain's record names.";
    NotFound => 404, "not-found", "Not found", "There is nothing at this address.",
        "See /api for the routes there are.";
    NoScan => 404, "no-scan", "No such scan", "There is no scan of this id, or it is older than 24 hours.",
        "Begin a new one with POST /api/v1/scans. A scan is forgotten after 24 hours; publish its report before.";
    NoBatch => 404, "no-batch", "No such batch", "There is no batch of this id, or it is older than 24 hours.",
        "Begin a new one with POST /api/v1/batches. A batch is forgotten after 24 hours; its reports stay.";
    NoReport => 404, "no-report", "No such report", "There is no report of this id.",
        "The address may be mistyped: an id has 32 hexadecimal digits, in lower case.";
    NoBadge => 404, "no-badge", "No such badge", "There is no badge of this id. Its report may have been deleted.",
        "Publish a new report and take its badge.";
    NoConsent => 404, "no-consent", "No badge of this domain", "A domain has a badge of its own where it has a report, and where its record at _mailsins. allows one; /api/v1/consent/{domain} says what is read there.",
        "Publish the record that /api/v1/consent/{domain} shows, with the word `badge`, or take the badge of one report: its id is in the answer that published it.";
    NoMailTest => 404, "no-mailtest", "No such test", "There is no test of this id, or it is older than 24 hours.",
        "Begin a new one with POST /api/v1/mailtests. A test is forgotten after 24 hours, with what came.";
    NoRun => 404, "no-run", "No such run", "There is no run of this id, or it is older than two days.",
        "Begin a new one with POST /api/v1/runs.";
    Method => 405, "method-not-allowed", "Method not allowed", "See the Allow header.",
        "The header Allow lists what this address takes.";
    NotAsked => 409, "not-asked", "Not asked", "The scan's own plan does not ask this now. `inquiries` says what it does ask.",
        "Ask what stands in `inquiries`, or let the site do it all: begin the scan with \"drive\": \"server\".";
    Incomplete => 409, "incomplete", "Scan incomplete", "Only a complete scan can be published. `inquiries` says what is missing.",
        "Wait for the event `done`, or until the scan says `complete`; it takes 110 seconds at most.";
    Cancelled => 409, "cancelled", "Scan cancelled", "A cancelled scan asks nothing more and cannot be published.",
        "Begin a new one.";
    Used => 409, "used", "Address used", "This address took its message already.",
        "Each message wants an address of its own.";
    RunStage => 409, "run-stage", "Not now", "The run is not at the point where this can be done.",
        "`stage` of the run says how far it has come. A code opens a run once, and its tests begin once.";
    RunsUsed => 409, "runs-used", "Two runs a day", "This domain had two runs of active tests today, by UTC, and that is all.",
        "Come back tomorrow.";
    Expired => 410, "expired", "Report expired", "This report is older than a year and is no longer kept.",
        "Check the domain again.";
    Deleted => 410, "deleted", "Report deleted", "This report was published, and then deleted with its key.",
        "Nothing of it is kept. Check the domain again.";
    OptedOut => 410, "opted-out", "Taken down", "The domain asked not to be probed, so its reports were taken down. Nothing of it is shown while its DNS says so.",
        "Whoever runs the domain can take `probe=none` out of its record at _mailsins.; then it can be checked again.";
    TooLarge => 413, "too-large", "Body too large", "A body may have 16 KB at most.",
        "Ask less at once.";
    NotTypedJson => 415, "unsupported-media-type", "Unsupported media type", "Send JSON, with Content-Type: application/json.",
        "Forms and texts are not read.";
    BadShape => 422, "bad-shape", "Wrong shape", "The body is JSON, but not of the shape that this route takes.",
        "`detail` names the first thing that does not fit. Unknown fields are refused too, so that a typing error does not go unnoticed. The shapes are in /api/openapi.json.";
    BadDomain => 422, "bad-domain", "Not a domain", "This is not a domain.",
        "A domain has at least two labels, such as example.org. Mail addresses and URLs are read as their domain; IP addresses are not domains.";
    TooMany => 422, "too-many", "Too many inquiries", "Ask at most 20 inquiries at once.",
        "Send the rest when these are taken.";
    KeyReused => 422, "key-reused", "Idempotency key used for something else", "This Idempotency-Key stands for another request that you made.",
        "Take a fresh key for a request of other content. A key is forgotten with its scan or batch, after 24 hours.";
    RateLimited => 429, "rate-limited", "Too many requests", "Wait a minute, then try again.",
        "A client has 5 scans and 300 requests a minute. The header Retry-After says in how many seconds to try again. For many domains, POST /api/v1/batches keeps the pace for you.";
    Internal => 500, "internal", "Something went wrong at our end", "It was not you. Try again.",
        "The request may be sent again as it is.";
    Panicked => 500, "panicked", "Something went wrong at our end", "It was not you, and we have been told. Try again.",
        "The request may be sent again as it is. If it fails each time, please tell us which one.";
    Misconfigured => 503, "misconfigured", "Misconfigured", "This site is not set up correctly.",
        "`detail` names the setting. Only whoever runs the site can mend it.";
}

impl Kind {
    /// The last part of the type.
    pub const fn slug(self) -> &'static str {
        self.words().1
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.words().0
    }

    /// When to try again, in seconds, where waiting helps (RFC 9110 section 10.2.3): with every 429 and 503.
    pub const fn retry_after(self) -> Option<u16> {
        match self.status() {
            429 => Some(60),
            503 => Some(300),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_stable_and_distinct() {
        let slugs: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        assert!(Kind::ALL.is_sorted_by_key(|kind| kind.status()));
        assert_eq!((Kind::RateLimited.slug(), Kind::RateLimited.status()), ("rate-limited", 429));
    }

    #[test]
    fn when_to_come_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.retry_after().is_some(), matches!(kind.status(), 429 | 503), "{}", kind.slug());
        }
    }
}
