//! # outbound-mail
//!
//! **Objective.** Receivers believe that the domain's mail is the domain's.
//!
//! **Evidence.** A mail that somebody of the domain sent to a one-time address at /mailtest: who handed it over, its
//! signatures, its header. A full check takes over what came there if SPF or DKIM pass in the name of the domain; where
//! only DKIM does, no more than what the signature vouches for, since anybody can pass on a signed mail.
//!
//! **Outcomes.**
//! - `spf-pass`: the domain's SPF record names the sending address. `spf-none`, `spf-permerror`, `spf-fail`,
//!   `spf-softfail`, `spf-neutral`: it does not. `spf-misaligned`: it is the record of another domain than that in From.
//! - `dkim-pass`: a signature holds; `dkim-partial`: it leaves the end of the body open. `dkim-none`: there is none.
//!   `dkim-malformed`, `dkim-body`, `dkim-footer`, `dkim-header`, `dkim-expired`, `dkim-no-key`, `dkim-revoked`,
//!   `dkim-unusable-key`: none holds, and why. `dkim-other-fails`: one fails beside one that holds. `dkim-misaligned`: it
//!   is of another domain than that in From. `dkim-footer` is proved: without the lines at its end, the body is the one
//!   that was signed.
//! - `dmarc-pass`: one of the two stands for the domain in From. `dmarc-none`, `dmarc-fail`: none does, without and with a
//!   DMARC record. `no-author`: From does not name one author.
//! - `arc-none`, `arc-pass`, `arc-fail`: the chain of forwarders, and which of its sets breaks it.
//! - `date-sound`, `date-missing`, `date-repeated`, `date-future`, `date-past`, `date-unread`: the Date.
//! - `message-id-sound`, `message-id-missing`, `message-id-repeated`, `message-id-odd`: the Message-ID.
//! - `long-lines`: lines of more than 998 octets, which servers on the way break, and signatures with them.
//!   `large-header`: more than 32 KB of header.
//! - `filter-fields`: fields that filters wrote; `marked-spam`: the sender's own filter says that it is spam.
//!
//! The body is not kept. Of a footer or disclaimer only one that came behind the signature can be told.
//!
//! **Source.** RFC 7208, RFC 6376, RFC 9989, RFC 8617, RFC 5322.

use super::{Check, rows};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

rows! {
    "spf-pass", Clean, "SPF passes",
        "The SPF record of the sender's domain names the address that the mail came from.";
    "spf-none", Venial, "The sender's domain has no SPF record",
        "Receivers cannot tell whether this address may send for the domain." => NameSender;
    "spf-permerror", Venial, "SPF cannot be used",
        "Receivers stop at the fault in the record, and treat it as if there were none." => NameSender;
    "spf-fail", Venial, "SPF fails: this address may not send for the domain",
        "By the domain's own record this mail is forged, and some receivers refuse it for that alone." => NameSender;
    "spf-softfail", Venial, "SPF fails softly: this address is not named",
        "The domain's record does not name the address, and receivers count that against the mail." => NameSender;
    "spf-neutral", Venial, "SPF says nothing of this address",
        "The domain's record leaves open whether this address may send for it." => NameSender;
    "spf-misaligned", Note, "SPF passes for another domain than that in From",
        "For DMARC only a domain counts that belongs to the one in From." => AlignMail;
    "dkim-pass", Clean, "The DKIM signature holds",
        "Receivers can tell that the mail is of the signing domain and came unaltered.";
    "dkim-partial", Venial, "The signature holds, and leaves the end of the body open",
        "With l= in the signature, whoever has the message can add to it, under the domain's name." => SignMail;
    "dkim-none", Venial, "The message is not signed",
        "Without DKIM, the domain's mail is not recognised once somebody forwards it." => SignMail;
    "dkim-malformed", Venial, "The signature cannot be read",
        "Receivers treat it as if there were none." => SignMail;
    "dkim-body", Venial, "The signature fails: the body is not the one that was signed",
        "Something changed the text behind the signer, such as a filter or a relay." => SignMail;
    "dkim-footer", Venial, "The signature fails: lines were added below what was signed",
        "Without the last lines the body is the one that was signed: a footer or disclaimer came behind the signer." => SignMail;
    "dkim-header", Venial, "The signature fails: the header is not the one that was signed, or not with this key",
        "Something changed a signed field behind the signer, or the key in DNS is not the signer's." => SignMail;
    "dkim-expired", Venial, "The signature has expired",
        "The mail came later than x= in the signature says, so it counts for nothing." => SignMail;
    "dkim-no-key", Venial, "The key of the signature is not in DNS",
        "Receivers look the key up under the selector, and find none." => SignMail;
    "dkim-revoked", Venial, "The key of the signature was withdrawn",
        "The record of the selector has an empty key, by which it says: do not trust this one any more." => SignMail;
    "dkim-unusable-key", Venial, "The key of the signature cannot be used",
        "The record of the selector has faults, or is of another kind than the signature." => SignMail;
    "dkim-other-fails", Note, "One signature fails, beside one that holds",
        "One that holds is enough. The other may have been broken on the way." => SignMail;
    "dkim-misaligned", Note, "The signature is of another domain than that in From",
        "For DMARC only a domain counts that belongs to the one in From." => AlignMail;
    "dmarc-pass", Clean, "DMARC passes",
        "SPF or DKIM stand for the domain in From, so the mail is believed to be its.";
    "dmarc-none", Venial, "Neither SPF nor DKIM stand for the domain in From, and it has no DMARC record that says what to do",
        "Whoever forges the domain's mail looks the same to receivers." => AlignMail;
    "dmarc-fail", Mortal, "DMARC fails: neither SPF nor DKIM pass for the domain in From",
        "Receivers do with this mail what the domain's record says of forged ones." => AlignMail;
    "no-author", Mortal, "Nobody can say whose message it is",
        "From is missing, stands there twice, or does not name exactly one author. Receivers refuse such mail." => OneAuthor;
    "arc-none", Clean, "There is no ARC chain, and none is needed",
        "Forwarders write it. Mail that comes straight from its author has none.";
    "arc-pass", Clean, "The ARC chain holds",
        "Each forwarder's seal holds, so receivers can go by what they found.";
    "arc-fail", Note, "The ARC chain is broken",
        "Receivers ignore a chain that fails, and no later forwarder can mend it.";
    "date-sound", Clean, "The Date is right",
        "There is one Date, and it is that of the message.";
    "date-missing", Venial, "There is no Date",
        "Every message must have one (RFC 5322 section 3.6), and filters count its lack against it." => MendForm;
    "date-repeated", Venial, "There are several Date fields",
        "A message has exactly one (RFC 5322 section 3.6), and filters count more against it." => MendForm;
    "date-future", Venial, "The Date is in the future",
        "The clock of the sender is wrong, or its time zone. Filters count that against the mail." => MendForm;
    "date-past", Venial, "The Date is more than a day old",
        "The clock of the sender is wrong, or the mail waited in a queue." => MendForm;
    "date-unread", Note, "The Date cannot be read",
        "It is not of the form that RFC 5322 section 3.3 gives it.";
    "message-id-sound", Clean, "There is a Message-ID",
        "Mail programs can thread answers, and logs can be followed.";
    "message-id-missing", Venial, "There is no Message-ID",
        "Every message should have one (RFC 5322 section 3.6.4), and filters count its lack against it." => MendForm;
    "message-id-repeated", Venial, "There are several Message-ID fields",
        "A message has one at most (RFC 5322 section 3.6), and filters count more against it." => MendForm;
    "message-id-odd", Note, "The Message-ID is not of the usual form",
        "It should be <left@right>, with a domain of the sender on the right.";
    "long-lines", Venial, "There are lines of more than 998 octets",
        "No line of a message may be longer (RFC 5322 section 2.1.1). Servers on the way break them, and the signature with them." => MendForm;
    "large-header", Note, "The header is very large",
        "Some receivers cut or refuse headers of this size.";
    "filter-fields", Note, "Filters left their fields in the header",
        "They say that the mail was looked at on its way out. Receivers do not go by them.";
    "marked-spam", Note, "The sender's own filter says that it is spam",
        "What the outgoing filter takes for spam, those of receivers will too.";
}

pub(super) const CHECK: Check = Check {
    id: "outbound-mail",
    sin: Sin::NoScanning,
    title: "Mail that goes out",
    source: "RFC 7208, 6376, 9989, 8617 and 5322",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.of_mail(facts, Unseen::NoReceived)
}
