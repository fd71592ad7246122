//! What to look for in software that we have no lines for.

use super::{Context, Fix, Recipe, Tlsa, Txt};

pub(super) const NAME: &str = "other";

pub(super) fn recipe(fix: Fix, context: &Context) -> Recipe {
    let mut lines = context.fill(text(fix));
    if let Some(Tlsa { name, data }) = &context.tlsa {
        lines += &format!("\n\nType: TLSA\nName: {name}\nData: {data}");
    }
    if let Some(Txt { name, text }) = &context.record {
        lines += &format!("\n\nType: TXT\nName: {name}\nText: {text}");
    }
    Recipe { software: NAME.to_owned(), place: "in words".to_owned(), lines }
}

const fn text(fix: Fix) -> &'static str {
    match fix {
        Fix::CloseRelay => {
            "Let the server take mail for foreign domains only from your own networks and from users who logged in. The setting is usually called relay control, relay domains or accepted domains."
        }
        Fix::RefuseOddRelay => "Turn off source routing and the rewriting of user%host and host!user addresses.",
        Fix::SubmissionNeedsLogin => {
            "On ports 587 and 465, require a login (SMTP AUTH) before MAIL; mail from other servers belongs on port 25."
        }
        Fix::AuthNeedsTls => {
            "Offer AUTH only after STARTTLS, or on port 465 with TLS from the start; turn AUTH off on port 25 if users send on 587 or 465."
        }
        Fix::OfferStartTls => {
            "Give the server a certificate for {host} (a free one from an ACME authority will do) and turn STARTTLS on."
        }
        Fix::LoginNeedsTls => {
            "Switch off logins on unencrypted connections (the setting is often called plaintext authentication or require TLS), or close ports 143 and 110 and let mail programs use 993 and 995."
        }
        Fix::OfferClientTls => {
            "Give the server a certificate for {host} and turn TLS on for IMAP and POP3, or close ports 143 and 110 and offer 993 and 995."
        }
        Fix::OfferImplicitTls => {
            "Give the server a certificate for {host}, switch on the ports with TLS from the start (465 for handing in mail, 993 for IMAP, 995 for POP3) and open them in the firewall."
        }
        Fix::TlsInAutoconfig => {
            "In config-v1.1.xml, let the first server of each sort have TLS from the start, and leave out those with <socketType>plain</socketType>."
        }
        Fix::PreferTlsSrv => {
            "Give the SRV records _submissions._tcp.{domain}, _imaps._tcp.{domain} and _pop3s._tcp.{domain} a lower priority value than those without the s."
        }
        Fix::MendSrv => {
            "Let the SRV record at {host} name a host that has A or AAAA records of its own; if the service is not offered, let it name \".\"."
        }
        Fix::RenewCertificate => {
            "Renew the certificate of {host} and let the mail server load it (most need a reload). An ACME client does both by itself."
        }
        Fix::TrustedCertificate => {
            "Get a certificate for {host} from a public authority (a free one by ACME will do), and give the server the whole chain, intermediate certificates too."
        }
        Fix::StrongCertificate => {
            "Get a new certificate for {host} with a new key: ECDSA P-256, or RSA with 2048 bits or more. Public authorities sign with SHA-256."
        }
        Fix::OfferModernTls => {
            "Update the mail server of {host} and its TLS library: versions from after 2012 speak TLS 1.2. If they are newer, take out the setting that limits the versions of TLS."
        }
        Fix::ForgetBeforeTls => {
            "Update the mail server of {host}: its maker most likely mended this long ago (look for \"STARTTLS command injection\" or CVE-2011-0411 in the release notes). If there is no newer version, switch STARTTLS off and use the port with TLS from the start: 465 to hand in mail, 993 for IMAP, 995 for POP3."
        }
        Fix::DropOldTls => {
            "Let the ports on which users log in take TLS 1.2 and newer only (the setting is usually called minimum protocol or TLS versions). On port 25, strangers' old servers would send in the clear instead, so leave it as it is."
        }
        Fix::DropWeakCiphers => {
            "On the ports on which users log in, take only ciphers whose names begin with ECDHE or DHE and end in GCM, CCM, CHACHA20-POLY1305 or SHA; in OpenSSL's terms, leave out eNULL, EXPORT, RC4, DES, 3DES and kRSA."
        }
        Fix::MtaStsCertificates => {
            "Get for each MX host a certificate from a public authority with the host's own name among its DNS names, and give the server the whole chain. Until then, go back to mode: testing in the policy of {domain}, and give the TXT record a new id."
        }
        Fix::PublishMx => "Add an MX record for {domain} that names the host which takes its mail.",
        Fix::PublishNullMx => {
            "At your DNS provider, add an MX record for {domain} with preference 0 and the target \".\", a TXT record \"v=spf1 -all\", and at _dmarc.{domain} a TXT record \"v=DMARC1; p=reject\"."
        }
        Fix::MendNullMx => {
            "The target \".\" means that the domain takes no mail, and must be its only MX record, with preference 0. Remove it, or remove the others."
        }
        Fix::MxToHost => {
            "Replace the CNAME record of {host} by A and AAAA records, or name the CNAME's target in the MX record."
        }
        Fix::MxResolve => "Add an A or AAAA record for {host}, or remove it from the MX records of {domain}.",
        Fix::MxPublic => "{host} has an address that only your own network can reach. Publish the public one.",
        Fix::MxAnswer => {
            "See on {host} whether the mail server runs and listens on port 25 of its public address (ss -ltn shows it), start it, and see whether a firewall rejects port 25. A host that is to take no mail belongs out of the MX records of {domain}."
        }
        Fix::NameAddress => {
            "Ask whoever gave you the address (your provider; often in its customer menu as reverse DNS) to let {address} have the name {host}, and give {host} an A or AAAA record with this address."
        }
        Fix::TakeBackName => {
            "Remove the record that names {host}, today: whoever registers the missing domain gets what the record gives it. If the service is still yours, register the domain again first."
        }
        Fix::LeaveBlocklist => {
            "Find out first what was sent from there (a taken-over account or web form, a relay, an infected machine behind the same address) and end it; then ask for removal on the list's own page. The text of the listing often says why."
        }
        Fix::PublishSpf => {
            "Add a TXT record for {domain} that lists what may send its mail: \"v=spf1 mx -all\" if only its mail servers do."
        }
        Fix::OneSpf => "Put the terms of all the records into one and remove the others: with two, receivers use none.",
        Fix::MendSpf => {
            "Write the marked term as RFC 7208 says, or remove it: with one fault, receivers use nothing of the record."
        }
        Fix::SplitSpf => {
            "Where the record is written as several strings, let each but the last end in a space; or enter it as one text, and let the DNS provider split it."
        }
        Fix::EndSpf => {
            "Take out what lets everyone send, and let the record end in -all (or ~all while you are still finding out who sends for you)."
        }
        Fix::SpfWithoutPtr => "Name the sending hosts by a, mx, ip4, ip6 or include instead of ptr.",
        Fix::ShortenSpf => {
            "Remove includes of services that no longer send for you, and write a and mx terms as ip4 and ip6. Let services that can do so send from a subdomain with a record of its own."
        }
        Fix::SpfWithoutVoids => "Remove the terms whose names have no address (or no MX) any more.",
        Fix::MendInclude => {
            "Remove the include or redirect, or write the name that the provider's help page gives; if the name is yours, publish one sound SPF record there."
        }
        Fix::NarrowSpf => "List the addresses or small networks of the servers that really send.",
        Fix::LongerDkimKey => {
            "Let the signer (or the provider: look for \"rotate DKIM keys\" or \"2048 bits\") make a 2048-bit key with a new selector, publish its record, switch to it, and remove {host} a week later. If nothing signs with {host} any more, just remove it."
        }
        Fix::MendDkimKey => {
            "Write the record at {host} anew, as \"v=DKIM1; k=rsa; p=\" and the public key in base64, without quotes or backslashes of any sort inside; copy it from the signer or the provider. Some DNS providers cut off what is longer than 255 characters: split it into several strings of one record."
        }
        Fix::OneDkimKey => {
            "Remove all records at {host} but the one whose key the signer uses now. A second key needs a selector of its own."
        }
        Fix::PublishDmarc => {
            "Add a TXT record at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:dmarc@{domain}\". Read the reports for a few weeks, then go to p=quarantine and p=reject."
        }
        Fix::OneDmarc => {
            "Keep one of the TXT records at _dmarc.{domain} that begin with v=DMARC1: with two, receivers use none."
        }
        Fix::DmarcPolicy => "Add p=quarantine or p=reject right behind v=DMARC1.",
        Fix::EnforceDmarc => {
            "Once the reports show that all of your own mail passes SPF or DKIM in your name, change p=none (in a parent's record for its subdomains: sp=none) to quarantine, and some weeks later to reject."
        }
        Fix::AuthoriseReports => {
            "Ask whoever runs {host} to publish a TXT record \"v=DMARC1\" at {domain}._report._dmarc.{host} (a report service does that once you have registered the domain there), or send the reports to a mailbox of your own."
        }
        Fix::SecondNameServer => {
            "Let a second server, on another network if possible, answer for {domain} too (many DNS providers offer one), and name it both in the zone and at the registrar."
        }
        Fix::MendDnssec => {
            "Let your DNS provider sign the zone of {host} anew, and make the DS records at the registrar those of the zone's present key. Until that is done, removing all DS records at the registrar makes the zone work again, unsigned."
        }
        Fix::SignZone => {
            "Switch DNSSEC on for the zone of {host} at your DNS provider, and give the DS record that it shows to the registrar. If the zone cannot be signed, remove its TLSA records."
        }
        Fix::MendTlsa => {
            "Publish at _25._tcp.{host} a TLSA record with usage 3, selector 1 and matching type 1, whose data is the SHA-256 of the public key of the server's certificate, and remove those that cannot be used. Change it before the key changes."
        }
        Fix::MendTlsRpt => {
            "Keep exactly one TXT record at _smtp._tls.{domain}: \"v=TLSRPTv1; rua=mailto:tls-reports@{domain}\"."
        }
        Fix::BimiRecord => {
            "Keep exactly one TXT record at default._bimi.{domain}: \"v=BIMI1; l=https://{domain}/logo.svg\", with the address of your logo, and a= with that of your certificate if you have one. If no logo is wanted, remove it."
        }
        Fix::BimiLogo => {
            "Save the logo in the profile SVG Tiny PS (BIMI Group offers converters), square, on a filled background and under 32 KB, and serve it over HTTPS without a redirect at the address that the record of {domain} names."
        }
        Fix::BimiCertificate => {
            "Serve over HTTPS, without a redirect, at the address behind a= the PEM file that the issuer of your mark certificate (VMC or CMC) gave you for {domain}: the certificate first, then those above it; ask the issuer for a new one where it has expired. Without one, leave a= empty."
        }
        Fix::MtaStsRecord => {
            "Keep exactly one TXT record at _mta-sts.{domain}: \"v=STSv1; id={stamp}\". Give it a new id, of letters and digits, whenever the policy changes."
        }
        Fix::MtaStsServe => {
            "Serve the policy at https://mta-sts.{domain}/.well-known/mta-sts.txt, without a redirect, as text/plain, with a certificate for mta-sts.{domain} from a public authority. If MTA-STS is not wanted, remove the TXT record at _mta-sts.{domain}."
        }
        Fix::MtaStsNameHosts => {
            "List every MX host in the policy, go back to mode: testing until TLS reports show no failures, and give the TXT record a new id, or senders stay with the policy that they have."
        }
        Fix::MendReportAddress => {
            "Write each address as mailto:name@example.org, with commas between them and no spaces inside."
        }
        Fix::DropNtlm => {
            "Switch NTLM (integrated Windows authentication) off on the connectors that strangers reach; mail programs log in by other means inside TLS. In Exchange: Set-ReceiveConnector … -AuthMechanism without Integrated; Set-ImapSettings and Set-PopSettings with -EnableGSSAPIAndNTLMAuth $false."
        }
        Fix::HideUsers => {
            "Switch off the commands VRFY and EXPN, or let VRFY answer 252 to every name. In Sendmail: O PrivacyOptions=novrfy,noexpn."
        }
        Fix::UpdateServer => {
            "Bring the mail server to its latest version. If it is, look whether a firewall that inspects SMTP, or a filter, stands in front of it; and tell its makers."
        }
        Fix::OneEnd => {
            "Update the mail server: the makers of Postfix, Exim, Sendmail and others mended this from December 2023 on. In Postfix 3.5.23, 3.6.13, 3.7.9, 3.8.4 and newer: smtpd_forbid_bare_newline = yes; before that: smtpd_data_restrictions = reject_unauth_pipelining, smtpd_discard_ehlo_keywords = chunking. In Exim: 4.97.1 or newer."
        }
        Fix::CloseBackend => {
            "Let the host take mail for the domain from the filter's addresses only: in Microsoft 365 by a connector for partners that names the filter's addresses and rejects all else, on a server of your own by its firewall or its access rules."
        }
        Fix::ScanMail => {
            "Let a scanner for viruses and spam look at each message before the server takes it, with archives unpacked."
        }
        Fix::RefuseAtOnce => {
            "Let filters work while a message is handed over, and let nothing that was taken be sent back for what is in it."
        }
        Fix::LimitRecipients => {
            "Set the most recipients of one message to a number from 100 to 999; for mail that comes from strangers, 100 is enough. In Exim: recipients_max = 150."
        }
        Fix::HideVersion => {
            "Set the greeting (banner) to the host name and ESMTP, without product, version or system; some servers set it apart for HELP and for each port."
        }
        Fix::HideName => "Set the host name that the server greets with to {host}.",
        Fix::HideAddress => {
            "Find the text with the inner address (banner, HELP, reject messages) and take it out; behind a NAT, set the server's public address."
        }
        Fix::AcceptPostmaster => {
            "Create a mailbox or an alias postmaster@{domain} that somebody reads, and exempt it from filters that refuse strangers."
        }
        Fix::AcceptAbuse => "Create a mailbox or an alias abuse@{domain} that somebody reads.",
        Fix::AcceptContact => {
            "Create the mailbox or alias at {domain} that the second field of the SOA record names (the part before its first dot), or name there a mailbox that exists and is read."
        }
        Fix::AcceptNullSender => {
            "Allow MAIL FROM:<>. Bounces and delivery reports have no sender (RFC 5321 section 4.5.5); refuse unwanted ones by recipient or content instead."
        }
        Fix::LimitSize => "Set a maximum message size; 25 to 50 MB is usual.",
        Fix::RaiseSize => "Raise the maximum message size; 25 to 50 MB is usual, and every server must take 64 KB.",
        Fix::LowerSize => {
            "Lower the maximum message size to what your mailboxes and disks can take; 25 to 50 MB is usual."
        }
        Fix::GreetByName => "Let the server greet (HELO, EHLO) with its full name, which leads to its address.",
        Fix::NameSender => {
            "Let the SPF record of the sender's domain name every address that sends for it, and end in -all or ~all."
        }
        Fix::SignMail => {
            "Let the server sign what it sends with DKIM, under the domain in From, after everything else that changes it, such as filters and footers, and without l=; publish the key under the selector that it signs with. At Microsoft 365 and Google Workspace: the DKIM page of the admin console."
        }
        Fix::AlignMail => {
            "Sign with DKIM under the domain in From ({domain}), or send from an address of that domain which its SPF record names."
        }
        Fix::OneAuthor => "Send with one From field that holds one address.",
        Fix::MendForm => {
            "Let the mail program or the server write one Date and one Message-ID, set its clock (NTP) and time zone, and let programs that make mail break lines or encode them (quoted-printable, base64)."
        }
        Fix::HideHops => {
            "Let the outgoing server drop or rewrite what inner hosts and mail programs wrote into Received, Message-ID, X-Originating-IP, X-Mailer and fields of filters. Exchange and Microsoft 365: a mail flow rule that removes the field."
        }
        Fix::ScanOutbound => {
            "Let mail from your own users pass the same virus scanner as mail from strangers, and refuse what it finds. Microsoft 365 and Google Workspace scan by default: look for an exception that was made."
        }
        Fix::LimitSending => {
            "Set a limit per account, such as 200 recipients an hour and 1,000 a day, and a higher one for those who need it. Exchange: Set-ThrottlingPolicy -RecipientRateLimit and -MessageRateLimit. Microsoft 365: the outbound spam policy (RecipientLimitExternalPerHour). Google Workspace has fixed limits (2,000 messages a day)."
        }
    }
}
