//! Records for BIND, and for every zone that is written as RFC 1035 section 5 says.

use std::net::IpAddr;

use super::{Context, Fix, Recipe};

pub(super) const NAME: &str = "BIND";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    let Context { domain, host, address, stamp, .. } = context;
    let lines = match fix {
        Fix::PublishMx => format!("{domain}. 3600 IN MX 10 {domain}."),
        Fix::PublishNullMx => format!(
            "{domain}. 3600 IN MX 0 .\n{domain}. 3600 IN TXT \"v=spf1 -all\"\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=reject\""
        ),
        Fix::MendNullMx => format!(
            "; either this alone, if {domain} takes no mail\n{domain}. 3600 IN MX 0 .\n; or only the others, if it does"
        ),
        Fix::MxToHost => format!(
            "; {host} must have addresses of its own, not a CNAME\n{host}. 3600 IN A 192.0.2.1 ; the server's address"
        ),
        Fix::MxResolve | Fix::MxPublic => format!("{host}. 3600 IN A 192.0.2.1 ; the server's public address"),
        Fix::MxAnswer => {
            let record = match address {
                Some(IpAddr::V6(v6)) => format!("AAAA {v6}"),
                Some(IpAddr::V4(v4)) => format!("A {v4}"),
                None => "A …".to_owned(),
            };
            format!("; if the host is gone for good, remove its address\n; {host}. IN {record}")
        }
        Fix::PublishSpf => format!("{domain}. 3600 IN TXT \"v=spf1 mx -all\" ; add whatever else sends for you"),
        Fix::OneSpf => format!(
            "; one record with the terms of both, and one \"all\" at its end\n{domain}. 3600 IN TXT \"v=spf1 mx include:… -all\""
        ),
        Fix::MendSpf | Fix::SpfWithoutPtr => format!(
            "; the same record without the marked term, or with it written right\n{domain}. 3600 IN TXT \"v=spf1 mx -all\""
        ),
        Fix::ShortenSpf => format!(
            "; only the includes that still send for you, and ip4 or ip6 instead of a and mx\n{domain}. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 include:… -all\" ; the server's address"
        ),
        Fix::SpfWithoutVoids | Fix::MendInclude => {
            format!("; the same record without the terms that lead nowhere\n{domain}. 3600 IN TXT \"v=spf1 mx -all\"")
        }
        Fix::NarrowSpf => format!(
            "; the addresses that send, not the networks they are in\n{domain}. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 -all\" ; the server's address"
        ),
        Fix::EndSpf => format!("{domain}. 3600 IN TXT \"v=spf1 mx -all\" ; your terms, then -all"),
        Fix::PublishDmarc => format!(
            "_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc@{domain}\" ; then quarantine, then reject"
        ),
        Fix::OneDmarc => format!(
            "; remove all but one\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\""
        ),
        Fix::DmarcPolicy => {
            format!("_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\"")
        }
        Fix::EnforceDmarc => format!(
            "; once the reports show that your own mail passes; after a few weeks p=reject\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\""
        ),
        Fix::AuthoriseReports => format!(
            "; in the zone of {host}; if the DMARC record is a parent's, with the parent's name in front\n{domain}._report._dmarc.{host}. 3600 IN TXT \"v=DMARC1\""
        ),
        Fix::SecondNameServer => format!(
            "; on another network, if possible; also at the registrar, and let the primary transfer the zone to it\n{domain}. 3600 IN NS ns2.{domain}.\nns2.{domain}. 3600 IN A 192.0.2.2 ; the server's address"
        ),
        Fix::MendTlsRpt => {
            format!("; this alone\n_smtp._tls.{domain}. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@{domain}\"")
        }
        Fix::MtaStsRecord => {
            format!(
                "; this alone; a new id with each change of the policy\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
            )
        }
        Fix::MtaStsServe => format!(
            "mta-sts.{domain}. 3600 IN A 192.0.2.80 ; the web server's address\n; once the policy is in place\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
        ),
        Fix::MtaStsNameHosts => {
            format!(
                "; after the policy has changed, so that senders fetch it again\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
            )
        }
        Fix::MendReportAddress => {
            format!("; in the DMARC record, separated by commas\n; rua=mailto:dmarc@{domain},mailto:reports@{domain}")
        }
        _ => return None,
    };
    Some(Recipe { software: NAME.to_owned(), place: format!("the zone of {domain}"), lines })
}
