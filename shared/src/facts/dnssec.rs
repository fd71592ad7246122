//! What signatures say of an answer (RFC 4033 section 5): secure, insecure, or bogus, told from dead.

use super::Facts;
use crate::evidence::DnsAnswer;
use crate::inquiry::RecordType;
use crate::{DomainName, Inquiry, Unseen};

/// An answer, by its signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust<'a> {
    /// The resolver vouches for it.
    Secure(&'a DnsAnswer),
    /// It does not: there are no signatures, or it does not check them.
    Insecure(&'a DnsAnswer),
    /// Without a look at signatures there is an answer, with one there is none.
    Bogus {
        /// What stands there.
        unchecked: &'a DnsAnswer,
        /// The resolver itself says that it is for the signatures. It may also have failed for a
        /// moment, and then not.
        proved: bool,
    },
}

impl<'a> Facts<'a> {
    /// What signatures say of an answer, or why nothing can be said.
    pub fn trust(&self, name: &DomainName, record: RecordType) -> Result<Trust<'a>, Unseen> {
        match self.dns(name, record) {
            Ok(answer) if answer.authenticated => Ok(Trust::Secure(answer)),
            Ok(answer) => Ok(Trust::Insecure(answer)),
            // RFC 4035 section 5.5: SERVFAIL stands for bogus data, unless checking is disabled.
            Err(why @ (Unseen::ServFail | Unseen::Bogus)) => {
                let evidence = self.evidence(&Inquiry::unchecked(name, record))?;
                let unchecked = evidence.dns().ok_or(evidence.answer.as_ref().err().copied().unwrap_or(why))?;
                Ok(Trust::Bogus { unchecked, proved: why == Unseen::Bogus })
            }
            Err(why) => Err(why),
        }
    }

    /// Was any answer vouched for? Then the resolver checks signatures, and an answer without them
    /// has none.
    pub fn validates(&self) -> bool {
        self.case.evidence().any(|piece| piece.dns().is_some_and(|answer| answer.authenticated))
    }
}
