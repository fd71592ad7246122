//! What to change, in the lines of the software that was recognised.

mod bind;
mod courier;
mod dovecot;
mod exim;
mod opensmtpd;
mod other;
mod postfix;
mod records;
mod web;

use std::borrow::Cow;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::DomainName;
use crate::facts::Facts;
pub use records::{Tlsa, Txt};

/// What to change, why, and the lines for each software.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Remedy {
    /// What to do, as an order: "Close the relay".
    pub action: String,
    /// Roughly how long it takes, in minutes.
    pub minutes: u16,
    /// The lines, the most likely software first; "other" is always among them.
    pub recipes: Vec<Recipe>,
}

/// The lines for one software.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Recipe {
    /// The software's name: "Postfix", "BIND", "other".
    pub software: String,
    /// Where the lines go: "main.cf", "the zone of example.org".
    pub place: String,
    /// What to paste; for "other" a sentence that says what to look for.
    pub lines: String,
}

/// What a remedy speaks of.
#[derive(Clone, Debug)]
pub struct Context {
    /// The checked domain.
    pub domain: String,
    /// The host or name that is to be mended.
    pub host: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// What runs there.
    pub software: Software,
    /// The TLSA record of the key that the host shows today, where it was seen.
    pub tlsa: Option<Tlsa>,
    /// The record to publish, where it could be made from today's.
    pub record: Option<Txt>,
    /// Where the domain's mail goes, the preferred first.
    pub targets: Vec<String>,
    /// When the scan began, in letters and digits.
    pub stamp: String,
}

/// Software that was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// Postfix.
    Postfix,
    /// Exim.
    Exim,
    /// OpenSMTPD.
    OpenSmtpd,
    /// Dovecot.
    Dovecot,
    /// Courier.
    Courier,
    /// Nothing that we know.
    Unknown,
}

macro_rules! fixes {
    ($($(#[doc = $doc:literal])+ $name:ident, $minutes:literal, $action:literal;)+) => {
        /// Everything that our findings ask people to change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fix {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Fix {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            const fn minutes(self) -> u16 {
                match self { $(Self::$name => $minutes,)+ }
            }

            const fn action(self) -> &'static str {
                match self { $(Self::$name => $action,)+ }
            }
        }
    };
}

fixes! {
    /// Relay only for one's own.
    CloseRelay, 5, "Close the relay on {host}";
    /// Read odd addresses as what they are.
    RefuseOddRelay, 5, "Refuse odd recipient forms on {host}";
    /// Submission without a login.
    SubmissionNeedsLogin, 5, "Take mail on ports 587 and 465 of {host} from users who logged in only";
    /// No AUTH before TLS.
    AuthNeedsTls, 10, "Take passwords only inside TLS on {host}";
    /// No AUTH at all on port 25.
    OfferStartTls, 15, "Offer STARTTLS on {host}";
    /// No login over IMAP and POP3 before TLS.
    LoginNeedsTls, 10, "Take passwords over IMAP and POP3 only inside TLS on {host}";
    /// No TLS over IMAP and POP3 at all.
    OfferClientTls, 15, "Offer TLS for IMAP and POP3 on {host}";
    /// No port with TLS from the start.
    OfferImplicitTls, 10, "Offer TLS from the start on {host}";
    /// A service in the clear is preferred in DNS.
    PreferTlsSrv, 5, "Let the SRV records of {domain} prefer TLS from the start";
    /// Autoconfig names servers without TLS first.
    TlsInAutoconfig, 5, "Let the autoconfig of {domain} name TLS from the start";
    /// An SRV record leads nowhere.
    MendSrv, 5, "Let the SRV record {host} name a host with an address";
    /// A certificate that is past its dates.
    RenewCertificate, 10, "Renew the certificate of {host}";
    /// A certificate that nobody vouches for.
    TrustedCertificate, 15, "Get {host} a certificate from a public authority";
    /// A short key, or a weak signature.
    StrongCertificate, 15, "Get {host} a certificate with a strong key and signature";
    /// No TLS above 1.1.
    OfferModernTls, 20, "Let {host} speak TLS 1.2 and 1.3";
    /// TLS 1.1 or older, beside a newer one.
    DropOldTls, 10, "Switch TLS 1.0 and 1.1 off for users of {host}";
    /// Commands from before TLS count inside.
    ForgetBeforeTls, 20, "Update the mail server of {host}";
    /// Ciphers that are weak, or without forward secrecy.
    DropWeakCiphers, 10, "Switch weak ciphers off for users of {host}";
    /// MX hosts whose certificates fail under MTA-STS.
    MtaStsCertificates, 20, "Give each MX host of {domain} a certificate that senders can check";
    /// No MX, but mail is taken.
    PublishMx, 5, "Publish an MX record for {domain}";
    /// Takes no mail, and should say so.
    PublishNullMx, 5, "Say in DNS that {domain} takes no mail";
    /// A Null MX beside other records.
    MendNullMx, 5, "Make the Null MX stand alone";
    /// An MX target that is an alias.
    MxToHost, 5, "Point the MX record at a host, not at an alias";
    /// An MX target without an address.
    MxResolve, 5, "Give the MX target {host} an address, or remove it";
    /// An MX target with an address that nobody can reach.
    MxPublic, 10, "Give the MX target {host} a public address";
    /// An MX host that refuses connections.
    MxAnswer, 15, "Let {host} answer on port 25, or remove it";
    /// An address without a name that leads back to it.
    NameAddress, 15, "Give {address} the name {host}";
    /// A name that anyone may register.
    TakeBackName, 10, "Take the name {host} out of the records of {domain}";
    /// An address on a blocklist.
    LeaveBlocklist, 30, "Get {address} off the blocklist";
    /// No SPF record.
    PublishSpf, 10, "Publish an SPF record for {domain}";
    /// Several SPF records.
    OneSpf, 10, "Merge the SPF records of {domain} into one";
    /// An SPF record with a fault.
    MendSpf, 10, "Mend the SPF record of {domain}";
    /// Terms of an SPF record that run together.
    SplitSpf, 5, "Put a space between the strings of the SPF record of {domain}";
    /// `+all`, `?all` or no end.
    EndSpf, 5, "End the SPF record of {domain} with -all or ~all";
    /// `ptr` in SPF.
    SpfWithoutPtr, 10, "Take ptr out of the SPF record of {domain}";
    /// Too many lookups in SPF.
    ShortenSpf, 30, "Shorten the SPF record of {domain}";
    /// SPF names what does not exist.
    SpfWithoutVoids, 10, "Take dead names out of the SPF record of {domain}";
    /// An include or redirect in SPF that leads nowhere.
    MendInclude, 10, "Mend the marked include in the SPF record of {domain}";
    /// Whole networks in SPF.
    NarrowSpf, 30, "Name fewer addresses in the SPF record of {domain}";
    /// A DKIM key that is too short.
    LongerDkimKey, 15, "Sign with a new 2048-bit key instead of that at {host}";
    /// A DKIM key record with a fault.
    MendDkimKey, 10, "Mend the DKIM key record at {host}";
    /// Several DKIM keys at one selector.
    OneDkimKey, 5, "Keep one DKIM key record at {host}";
    /// No usable DMARC record.
    PublishDmarc, 10, "Publish a DMARC record for {domain}";
    /// Several DMARC records.
    OneDmarc, 5, "Keep one DMARC record for {domain}";
    /// A DMARC record without a policy.
    DmarcPolicy, 5, "State a policy in the DMARC record of {domain}";
    /// A DMARC policy of none.
    EnforceDmarc, 10, "Raise the DMARC policy of {domain} to quarantine";
    /// A foreign host that takes no reports.
    AuthoriseReports, 10, "Let {host} say that it takes reports about {domain}";
    /// A zone that one server holds.
    SecondNameServer, 30, "Give {domain} a second name server";
    /// A zone whose signatures are wrong.
    MendDnssec, 30, "Mend the DNSSEC signatures of {host}";
    /// TLSA records in a zone without signatures.
    SignZone, 60, "Sign the zone of {host}, or remove the TLSA records";
    /// TLSA records that senders of mail cannot use.
    MendTlsa, 15, "Publish a TLSA record that senders can use for {host}";
    /// A TLS reporting record that senders cannot use.
    MendTlsRpt, 5, "Publish one valid TLS reporting record for {domain}";
    /// An MTA-STS record that senders cannot use.
    MtaStsRecord, 5, "Publish one valid MTA-STS record for {domain}";
    /// An MTA-STS policy that cannot be fetched or used.
    MtaStsServe, 20, "Serve the MTA-STS policy of {domain}";
    /// An MTA-STS policy that leaves MX hosts out.
    MtaStsNameHosts, 10, "Name every MX host in the MTA-STS policy of {domain}";
    /// A BIMI record that receivers cannot use.
    BimiRecord, 5, "Publish one valid BIMI record for {domain}";
    /// A logo that receivers cannot fetch or show.
    BimiLogo, 30, "Serve the logo of {domain} as SVG Tiny PS";
    /// A certificate of a logo that receivers cannot use.
    BimiCertificate, 30, "Serve a valid certificate for the logo of {domain}, or name none";
    /// Not an address in `rua` or `ruf`.
    MendReportAddress, 5, "Mend the report addresses in the DMARC record of {domain}";
    /// Version or system in a banner.
    HideVersion, 1, "Take the version out of what {host} says";
    /// An inner name in a banner.
    HideName, 5, "Let {host} call itself by its public name";
    /// An inner address in a reply.
    HideAddress, 10, "Keep inner addresses out of what {host} says";
    /// NTLM tells inner names.
    DropNtlm, 10, "Take NTLM out of the logins that {host} offers";
    /// VRFY or EXPN tell of users.
    HideUsers, 5, "Switch VRFY and EXPN off on {host}";
    /// postmaster is refused.
    AcceptPostmaster, 5, "Accept mail for postmaster@{domain}";
    /// abuse is refused.
    AcceptAbuse, 5, "Accept mail for abuse@{domain}";
    /// The zone's contact is refused.
    AcceptContact, 5, "Accept mail for the contact of the zone of {domain}";
    /// Bounces are refused.
    AcceptNullSender, 5, "Accept bounces on {host}";
    /// No size limit.
    LimitSize, 1, "Set a size limit on {host}";
    /// A limit that is far too low.
    RaiseSize, 1, "Raise the size limit on {host}";
    /// Too few recipients, or too many.
    LimitRecipients, 5, "Let {host} take 100 to 999 recipients a message";
    /// What breaks on odd input.
    UpdateServer, 20, "Update the mail server of {host}, or the filter in front of it";
    /// Look-alikes of the end of a message.
    OneEnd, 15, "Let only CRLF, dot, CRLF end a message on {host}";
    /// A host behind a filter.
    CloseBackend, 20, "Let {host} take mail from the filter only";
    /// Nothing looks at incoming mail.
    ScanMail, 30, "Scan incoming mail on {host}";
    /// Taken first, sent back later.
    RefuseAtOnce, 20, "Refuse unwanted mail on {host} while it is handed over";
    /// A limit that is far too high.
    LowerSize, 1, "Lower the size limit on {host}";
    /// The name in HELO.
    GreetByName, 5, "Let the sending server greet with its full name";
    /// SPF does not name who sends.
    NameSender, 10, "Name the sending address in the SPF record";
    /// DKIM is missing, or broken.
    SignMail, 30, "Sign outgoing mail with DKIM, behind everything that changes it";
    /// Neither SPF nor DKIM stand for the domain in From.
    AlignMail, 30, "Sign with DKIM in the name of {domain}";
    /// From names nobody, or several.
    OneAuthor, 5, "Send with one From field that holds one address";
    /// Date, Message-ID, lines.
    MendForm, 10, "Let the server complete what a message must have";
    /// The header tells of what is inside.
    HideHops, 10, "Take inner names and versions out of the header of outgoing mail";
    /// Viruses get out.
    ScanOutbound, 60, "Scan mail that goes out";
    /// One user may send without end.
    LimitSending, 20, "Limit what one user may send in an hour";
}

/// A recipe before its gaps are filled ([`Context::fill`]). One text weighs less than the code that puts it together.
struct Text {
    place: &'static str,
    lines: &'static str,
}

type Texts = fn(Fix) -> Option<Text>;

/// Who has lines for which server.
const SERVERS: [(Software, &str, Texts); 5] = [
    (Software::Postfix, "Postfix", postfix::text),
    (Software::Exim, "Exim", exim::text),
    (Software::OpenSmtpd, "OpenSMTPD", opensmtpd::text),
    (Software::Dovecot, "Dovecot", dovecot::text),
    (Software::Courier, "Courier", courier::text),
];

impl Context {
    /// A text with each gap such as `{host}` filled. Other braces stay.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled += before;
            rest = after;
            match after.split_once('}').and_then(|(name, behind)| Some((self.gap(name)?, behind))) {
                Some((value, behind)) => {
                    filled += &value;
                    rest = behind;
                }
                None => filled.push('{'),
            }
        }
        filled + rest
    }

    fn gap(&self, name: &str) -> Option<Cow<'_, str>> {
        let Self { domain, host, address, stamp, .. } = self;
        Some(match name {
            "domain" => domain.into(),
            "host" => host.into(),
            // The zone that a host of the domain is in; that of a foreign one is known by its name only.
            "zone" if host.strip_suffix(domain).is_some_and(|head| head.ends_with('.')) => domain.into(),
            "zone" => host.into(),
            "address" => address.map(|address| address.to_string()).unwrap_or_default().into(),
            "address record" => match address {
                Some(IpAddr::V6(v6)) => format!("AAAA {v6}").into(),
                Some(IpAddr::V4(v4)) => format!("A {v4}").into(),
                None => "A …".into(),
            },
            "reverse" => (*address).map(DomainName::reverse)?.as_str().to_owned().into(),
            "stamp" => stamp.into(),
            "mx lines" => self.targets.iter().map(|host| format!("mx: {host}\n")).collect::<String>().into(),
            _ => return None,
        })
    }
}

/// The remedy for this domain.
pub(crate) fn remedy_for(fix: Fix, facts: &Facts<'_>, mut context: Context) -> Remedy {
    context.record = records::next(fix, facts);
    if fix == Fix::MendTlsa {
        context.tlsa = records::served_key(facts, &context.host);
    }
    remedy(fix, &context)
}

/// The remedy in the words of its context.
pub fn remedy(fix: Fix, context: &Context) -> Remedy {
    // Lines for another server than the one that runs there would only be in the way.
    let mut recipes = Vec::new();
    for (software, name, text) in SERVERS {
        if [Software::Unknown, software].contains(&context.software)
            && let Some(Text { place, lines }) = text(fix)
        {
            recipes.push(Recipe { software: name.to_owned(), place: place.to_owned(), lines: context.fill(lines) });
        }
    }
    recipes.extend(bind::recipe(fix, context));
    recipes.extend(web::recipes(fix, context));
    let other = other::recipe(fix, context);
    // Where the software was not recognised, lines still stand as examples, behind the rest.
    let known = context.software != Software::Unknown || recipes.iter().any(|recipe| recipe.software == bind::NAME);
    recipes.insert(if known { recipes.len() } else { 0 }, other);
    Remedy { action: context.fill(fix.action()), minutes: fix.minutes(), recipes }
}

/// Where most servers keep their aliases.
const ALIASES: &str = "/etc/aliases, where the addresses of the domain are looked up";

/// The alias that a role name lacks.
const fn alias(fix: Fix) -> Text {
    let lines = match fix {
        Fix::AcceptAbuse => "# whoever reads mail to abuse@{domain}\nabuse: root",
        _ => "# whoever reads mail to postmaster@{domain}\npostmaster: root",
    };
    Text { place: ALIASES, lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is there a word in braces, which nobody filled?
    fn has_gap(text: &str) -> bool {
        let inner = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        inner.map(|(name, _)| name).any(|name| {
            name.bytes().all(|b| b.is_ascii_lowercase() || b == b' ') && name.trim() == name && !name.is_empty()
        })
    }

    #[test]
    fn every_fix_has_lines_for_other_and_for_what_we_know() {
        let of = |software| Context {
            domain: "example.org".to_owned(),
            host: "mx1.example.org".to_owned(),
            address: Some("192.0.2.25".parse().unwrap()),
            software,
            tlsa: None,
            record: None,
            targets: vec!["mx1.example.org".to_owned()],
            stamp: "20261124T080000Z".to_owned(),
        };
        let software = SERVERS.map(|(software, ..)| software).into_iter().chain([Software::Unknown]);
        for (software, fix) in software.flat_map(|software| Fix::ALL.iter().map(move |fix| (software, *fix))) {
            let remedy = remedy(fix, &of(software));
            let other = remedy.recipes.iter().filter(|recipe| recipe.software == other::NAME).count();
            assert_eq!(other, 1, "{fix:?}");
            assert!(software != Software::Unknown || remedy.recipes.len() >= 2, "{fix:?}");
            assert!(!remedy.action.contains('{') && remedy.minutes > 0, "{fix:?}");
            for recipe in remedy.recipes {
                assert!(!recipe.lines.trim().is_empty() && !recipe.place.is_empty(), "{fix:?}");
                assert!(!has_gap(&recipe.lines) && !has_gap(&recipe.place), "{fix:?}: {recipe:?}");
            }
        }
        let names = |software, fix| {
            remedy(fix, &of(software)).recipes.into_iter().map(|recipe| recipe.software).collect::<Vec<_>>()
        };
        assert_eq!(names(Software::Exim, Fix::HideVersion), ["Exim", "other"]);
        assert_eq!(names(Software::OpenSmtpd, Fix::HideVersion), ["other"]);
        assert_eq!(names(Software::Courier, Fix::LoginNeedsTls), ["Courier", "other"]);
        assert_eq!(names(Software::Unknown, Fix::LimitSize), ["other", "Postfix", "Exim", "OpenSMTPD"]);
        assert_eq!(names(Software::Postfix, Fix::NameAddress), ["BIND", "other"]);
    }
}
