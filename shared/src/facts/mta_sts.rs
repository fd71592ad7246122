//! MTA-STS of the domain: its record, and what stands at its policy's address.

use super::Facts;
use crate::evidence::{FetchFault, Fetched};
use crate::inquiry::RecordType;
use crate::syntax::mta_sts;
use crate::{HttpsUrl, Inquiry, Unseen};

impl<'a> Facts<'a> {
    /// The address of the policy, where exactly one record says that there is one (RFC 8461
    /// section 3.1); nothing where there is none, or more than one.
    pub fn mta_sts_policy(&self) -> Result<Option<HttpsUrl>, Unseen> {
        let Some(name) = mta_sts::name(self.domain()) else { return Ok(None) };
        let found = mta_sts::read(self.dns(&name, RecordType::Txt)?);
        Ok(if found.records.len() == 1 { mta_sts::policy_url(self.domain()) } else { None })
    }

    /// What came of fetching a document.
    pub fn fetched(&self, url: &HttpsUrl) -> Result<Result<&'a Fetched, FetchFault>, Unseen> {
        let evidence = self.evidence(&Inquiry::Fetch { url: url.clone() })?;
        match &evidence.answer {
            Err(why) => Err(*why),
            Ok(_) => evidence.fetched().ok_or(Unseen::Failed),
        }
    }
}
