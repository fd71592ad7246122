//! BIMI: the logo that a domain asks receivers to show beside its mail.

use super::Facts;
use crate::evidence::DnsAnswer;
use crate::inquiry::RecordType;
use crate::syntax::bimi;
use crate::{DomainName, HttpsUrl, Unseen};

impl<'a> Facts<'a> {
    /// Where receivers look for the record: at the domain itself, then where its DMARC record stands,
    /// if that is a parent's (BIMI draft, Indicator Discovery).
    pub fn bimi_names(&self) -> Result<Vec<DomainName>, Unseen> {
        let above = self.dmarc()?.map(|record| record.at).filter(|at| at != self.domain());
        Ok([Some(self.domain().clone()), above].into_iter().flatten().filter_map(|at| bimi::name(&at)).collect())
    }

    /// The name whose answer decides: the first that has a record, else the domain's own.
    pub fn bimi(&self) -> Result<Option<(DomainName, &'a DnsAnswer)>, Unseen> {
        let mut own = None;
        for name in self.bimi_names()? {
            let answer = self.dns(&name, RecordType::Txt)?;
            if !bimi::records(answer).is_empty() {
                return Ok(Some((name, answer)));
            }
            own.get_or_insert((name, answer));
        }
        Ok(own)
    }

    /// The addresses of the logo and of the certificate, where exactly one record names usable ones.
    pub fn bimi_documents(&self) -> Result<Vec<HttpsUrl>, Unseen> {
        let Some((_, answer)) = self.bimi()? else { return Ok(Vec::new()) };
        Ok(match bimi::records(answer).as_slice() {
            [text] => match bimi::logo(text) {
                Some(logo) => [Some(logo), bimi::certificate(text)]
                    .into_iter()
                    .flatten()
                    .filter_map(|address| HttpsUrl::new(&address).ok())
                    .collect(),
                None => Vec::new(),
            },
            _ => Vec::new(),
        })
    }
}
