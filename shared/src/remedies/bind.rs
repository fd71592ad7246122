//! Records for BIND, and for every zone that is written as RFC 1035 section 5 says.

use super::{Context, Fix, Recipe, Tlsa};

pub(super) const NAME: &str = "BIND";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    let recipe = |place, lines| Some(Recipe { software: NAME.to_owned(), place: context.fill(place), lines });
    if let Some(record) = &context.record {
        let comment = match fix {
            Fix::PublishSpf => "; add whatever else sends for you\n",
            Fix::OneSpf => "; this one instead of the others\n",
            Fix::OneDmarc | Fix::MendTlsRpt => "; this one alone\n",
            Fix::EnforceDmarc => "; once the reports show that your own mail passes\n",
            Fix::SpfWithoutVoids | Fix::MendInclude => "; the same record without what leads nowhere\n",
            _ => "",
        };
        return recipe("the zone of {domain}", format!("{comment}{}", record.zone_line()));
    }
    if let Some(Tlsa { name, data }) = &context.tlsa {
        let lines = format!(
            "; the key that the server shows today; with a new key, publish both, and switch two days later\n{name}. 3600 IN TLSA {data}"
        );
        return recipe("the zone of {host}", lines);
    }
    if fix == Fix::NameAddress && context.address.is_none() {
        return None;
    }
    let place = match fix {
        Fix::MendDnssec | Fix::SignZone => "named.conf, and the registrar",
        _ => "the zone of {domain}",
    };
    recipe(place, context.fill(text(fix)?))
}

const fn text(fix: Fix) -> Option<&'static str> {
    Some(match fix {
        Fix::PublishMx => "{domain}. 3600 IN MX 10 {domain}.",
        Fix::PublishNullMx => {
            "{domain}. 3600 IN MX 0 .\n{domain}. 3600 IN TXT \"v=spf1 -all\"\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=reject\""
        }
        Fix::MendNullMx => {
            "; either this alone, if {domain} takes no mail\n{domain}. 3600 IN MX 0 .\n; or only the others, if it does"
        }
        Fix::MxToHost => {
            "; {host} must have addresses of its own, not a CNAME\n{host}. 3600 IN A 192.0.2.1 ; the server's address"
        }
        Fix::MxResolve | Fix::MxPublic => "{host}. 3600 IN A 192.0.2.1 ; the server's public address",
        Fix::MxAnswer => "; if the host is gone for good, remove its address\n; {host}. IN {address record}",
        Fix::NameAddress => {
            "; in the reverse zone, which whoever gave you the address keeps\n{reverse}. 3600 IN PTR {host}."
        }
        Fix::TakeBackName => {
            "; remove the record that names it, or register {host} again\n; {host} must not stay in this zone"
        }
        Fix::NameSender => "; with the address that the mail came from\n{domain}. 3600 IN TXT \"v=spf1 mx ip4:… -all\"",
        Fix::PublishSpf => "{domain}. 3600 IN TXT \"v=spf1 mx -all\" ; add whatever else sends for you",
        Fix::OneSpf => {
            "; one record with the terms of both, and one \"all\" at its end\n{domain}. 3600 IN TXT \"v=spf1 mx include:… -all\""
        }
        Fix::MendSpf | Fix::SpfWithoutPtr => {
            "; the same record without the marked term, or with it written right\n{domain}. 3600 IN TXT \"v=spf1 mx -all\""
        }
        Fix::ShortenSpf => {
            "; only the includes that still send for you, and ip4 or ip6 instead of a and mx\n{domain}. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 include:… -all\" ; the server's address"
        }
        Fix::SpfWithoutVoids | Fix::MendInclude => {
            "; the same record without the terms that lead nowhere\n{domain}. 3600 IN TXT \"v=spf1 mx -all\""
        }
        Fix::NarrowSpf => {
            "; the addresses that send, not the networks they are in\n{domain}. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 -all\" ; the server's address"
        }
        Fix::SplitSpf => {
            "; each string but the last ends in a space\n{domain}. 3600 IN TXT \"v=spf1 include:… \" \"include:… -all\""
        }
        Fix::EndSpf => "{domain}. 3600 IN TXT \"v=spf1 mx -all\" ; your terms, then -all",
        Fix::LongerDkimKey => {
            "; a new selector with a new key, in strings of at most 255 characters; then let the signer use it,\n\
             ; and remove {host} a week later\nnew._domainkey.{domain}. 3600 IN TXT ( \"v=DKIM1; k=rsa; p=MIIBIjANBgkq…\" \"…\" )\n\
             ; made by: openssl genrsa -out new.private 2048\n; p=: openssl rsa -in new.private -pubout -outform DER | openssl base64 -A"
        }
        Fix::MendDkimKey => {
            "; the base64 of the public key behind p=, in strings of at most 255 characters\n\
             {host}. 3600 IN TXT ( \"v=DKIM1; k=rsa; p=MIIBIjANBgkq…\" \"…\" )\n\
             ; p=: openssl rsa -in the-private-key -pubout -outform DER | openssl base64 -A"
        }
        Fix::OneDkimKey => {
            "; only the key that the signer uses now; another one needs another selector\n\
             {host}. 3600 IN TXT ( \"v=DKIM1; k=rsa; p=MIIBIjANBgkq…\" \"…\" )"
        }
        Fix::PublishDmarc => {
            "_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc@{domain}\" ; then quarantine, then reject"
        }
        Fix::OneDmarc => {
            "; remove all but one\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\""
        }
        Fix::DmarcPolicy => "_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\"",
        Fix::EnforceDmarc => {
            "; once the reports show that your own mail passes; after a few weeks p=reject\n_dmarc.{domain}. 3600 IN TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}\""
        }
        Fix::AuthoriseReports => {
            "; in the zone of {host}; if the DMARC record is a parent's, with the parent's name in front\n{domain}._report._dmarc.{host}. 3600 IN TXT \"v=DMARC1\""
        }
        Fix::SecondNameServer => {
            "; on another network, if possible; also at the registrar, and let the primary transfer the zone to it\n{domain}. 3600 IN NS ns2.{domain}.\nns2.{domain}. 3600 IN A 192.0.2.2 ; the server's address"
        }
        Fix::MendDnssec => {
            "# what is wrong: delv {host}; what the parent holds: dig DS {zone}\n# 1. let the server keep the signatures fresh, then run rndc reconfig\nzone \"{zone}\" { type primary; file \"{zone}.zone\"; dnssec-policy default; inline-signing yes; };\n# 2. at the registrar, replace the DS records by what this prints:\n# dig @localhost DNSKEY {zone} | dnssec-dsfromkey -f - {zone}\n# in a hurry: remove all DS records at the registrar, and the zone works again, unsigned"
        }
        Fix::SignZone => {
            "# then run rndc reconfig\nzone \"{zone}\" { type primary; file \"{zone}.zone\"; dnssec-policy default; inline-signing yes; };\n# and give the registrar the DS record that this prints:\n# dig @localhost DNSKEY {zone} | dnssec-dsfromkey -f - {zone}"
        }
        Fix::MendTlsa => {
            "; the digits come from the server's own key:\n; openssl x509 -in {host}.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256\n_25._tcp.{host}. 3600 IN TLSA 3 1 1 …"
        }
        Fix::MendTlsRpt => {
            "; this alone\n_smtp._tls.{domain}. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@{domain}\""
        }
        Fix::BimiRecord => {
            "; this one alone; l= is empty where no logo is wanted\ndefault._bimi.{domain}. 3600 IN TXT \"v=BIMI1; l=https://{domain}/logo.svg\""
        }
        Fix::BimiCertificate => {
            "; until there is one, a= is empty\ndefault._bimi.{domain}. 3600 IN TXT \"v=BIMI1; l=https://{domain}/logo.svg; a=\""
        }
        Fix::MtaStsRecord => {
            "; this alone; a new id with each change of the policy\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
        }
        Fix::MtaStsServe => {
            "mta-sts.{domain}. 3600 IN A 192.0.2.80 ; the web server's address\n; once the policy is in place\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
        }
        Fix::MtaStsNameHosts => {
            "; after the policy has changed, so that senders fetch it again\n_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={stamp}\""
        }
        Fix::PreferTlsSrv => {
            "; the lowest priority value (the first number) to the ports with TLS from the start\n\
             _submissions._tcp.{domain}. 3600 IN SRV 0 1 465 mail.{domain}.\n_imaps._tcp.{domain}. 3600 IN SRV 0 1 993 mail.{domain}.\n\
             ; and where those in the clear are not needed\n_imap._tcp.{domain}. 3600 IN SRV 0 0 0 ."
        }
        Fix::MendSrv => {
            "; the name of a host with A or AAAA records of its own\n; {host}. 3600 IN SRV 0 1 993 mail.{domain}.\n\
             ; or, if the service is not offered\n; {host}. 3600 IN SRV 0 0 0 ."
        }
        Fix::AcceptContact => {
            "; in the SOA record: a mailbox that is read, with a dot in place of the @; a dot before the @ is \\.\n\
             {domain}. 3600 IN SOA ns1.{domain}. hostmaster.{domain}. … ; then hostmaster@{domain} must take mail"
        }
        Fix::MendReportAddress => {
            "; in the DMARC record, separated by commas\n; rua=mailto:dmarc@{domain},mailto:reports@{domain}"
        }
        _ => return None,
    })
}
