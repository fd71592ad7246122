//! How long a host is left alone: what was heard answers again, instead of another conversation.

use shared::{Answer, Evidence, Unseen};

/// A host's rest, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// A conversation answers again for so long.
    pub answered: u64,
    /// The same for a connection that did not come about.
    pub failed: u64,
}

/// The rest that hosts get.
pub const REST: Rest = Rest { answered: 600_000, failed: 60_000 };

impl Rest {
    /// How long evidence answers again: a conversation for the whole time, what never became one briefly, and what
    /// says nothing of the host not at all.
    pub fn serves_ms(self, evidence: &Evidence) -> u64 {
        let broke = match &evidence.answer {
            Ok(Answer::Smtp(session)) => session.broke,
            Ok(Answer::Lines(session)) => session.broke,
            Ok(_) => None,
            Err(why) => Some(*why),
        };
        match (&evidence.answer, broke) {
            // The next case may have the time that this one lacked.
            (_, Some(Unseen::OutOfTime)) => 0,
            (Ok(_), _) => self.answered,
            (
                Err(
                    Unseen::ConnectTimeout
                    | Unseen::Refused
                    | Unseen::Rejected
                    | Unseen::Unreachable
                    | Unseen::Reset
                    | Unseen::ExitUnclear,
                ),
                _,
            ) => self.failed,
            (
                Err(
                    Unseen::Failed
                    | Unseen::PortBlocked
                    | Unseen::ExitDown
                    | Unseen::ExitRefused
                    | Unseen::NoIpv6
                    | Unseen::GateBusy
                    | Unseen::GateCap,
                ),
                _,
            ) => 0,
            _ => self.answered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Inquiry;
    use shared::evidence::SmtpSession;
    use shared::inquiry::Script;

    #[test]
    fn how_long_an_answer_serves() {
        let session = |broke| {
            Ok(Answer::Smtp(SmtpSession { exchanges: vec![], broke, tls: None, client_hello: None, spared: false }))
        };
        let rows = [
            (session(None), 600),
            (session(Some(Unseen::Reset)), 600),
            (session(Some(Unseen::OutOfTime)), 0),
            (Err(Unseen::GreetingTimeout), 600),
            (Err(Unseen::NoTls), 600),
            (Err(Unseen::Refused), 60),
            (Err(Unseen::Reset), 60),
            (Err(Unseen::ExitDown), 0),
            (Err(Unseen::GateCap), 0),
            (Err(Unseen::OutOfTime), 0),
        ];
        for (answer, want) in rows {
            let inquiry =
                Inquiry::Probe { address: [192, 0, 2, 1].into(), port: 25, host: None, script: Script::SmtpSurvey };
            let evidence = Evidence { inquiry, at: 0, took: 0, answer };
            assert_eq!(Rest { answered: 600, failed: 60 }.serves_ms(&evidence), want, "{evidence:?}");
        }
    }
}
