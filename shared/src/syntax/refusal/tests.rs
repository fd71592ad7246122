//! What servers are known to say.

use super::*;

fn check(rows: &[(&str, Refusal)]) {
    for (text, want) in rows {
        let lines: Vec<&str> = text.lines().collect();
        let (code, _) = lines[0].split_at(3);
        let reply = Reply {
            code: code.parse().unwrap(),
            lines: lines.iter().map(|line| line[3..].trim_start_matches(['-', ' ']).to_owned()).collect(),
        };
        assert_eq!(refusal(&reply), *want, "{text}");
    }
}

#[test]
fn refusals_to_relay() {
    use Refusal::Relaying;
    check(&[
        // Postfix, Sendmail, Exim, qmail, Courier
        ("554 5.7.1 <relaytest@d.test>: Relay access denied", Relaying),
        ("454 4.7.1 <relaytest@d.test>: Relay access denied", Refusal::Temporary),
        ("550 5.7.1 <relaytest@d.test>... Relaying denied", Relaying),
        ("550 5.7.1 <relaytest@d.test>... Relaying denied. IP name lookup failed [192.0.2.1]", Relaying),
        ("550 5.7.1 <relaytest@d.test>... Relaying denied. Proper authentication required.", Relaying),
        ("550 relay not permitted", Relaying),
        ("550 relay not permitted, authentication required", Relaying),
        (
            "550-Please turn on SMTP Authentication in your mail client.\n550-mx is not permitted to relay through this server without\n550 authentication.",
            Relaying,
        ),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Relaying),
        ("513 Relaying denied.", Relaying),
        // Exchange, Microsoft 365, Domino, MailEnable, Kerio, Mimecast
        ("550 5.7.1 Unable to relay", Relaying),
        ("550 5.7.1 Unable to relay for relaytest@d.test", Relaying),
        ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", Relaying),
        ("550 5.7.54 SMTP; Message refused", Relaying),
        ("550 <Relaying denied>", Relaying),
        ("550 mail cannot be relayed", Relaying),
        ("550 no relays", Relaying),
        ("550 relaying - - - is denied", Relaying),
        ("550 5.7.64 TenantAttribution; Relay Access Denied [x.prod.protection.outlook.com]", Relaying),
        ("554 Relay rejected for policy reasons.", Relaying),
        (
            "503 This mail server requires authentication when attempting to send to a non-local e-mail address.",
            Relaying,
        ),
        ("550 5.7.1 Relaying to <relaytest@d.test> denied (authentication required)", Relaying),
        ("554 Open relay not allowed", Relaying),
        ("550 we do not relay", Relaying),
        ("530 Relaying not allowed - please use SMTP AUTH", Relaying),
        ("550 authentication is required for relaying", Relaying),
    ]);
}

#[test]
fn refusals_of_the_recipient() {
    use Refusal::Recipient;
    check(&[
        ("550 5.1.1 <abuse@h.test>: Recipient address rejected: User unknown in local recipient table", Recipient),
        (
            "550 5.1.1 <abuse@h.test>: Recipient address rejected: undeliverable address: host 10.0.0.1[10.0.0.1] said: 550 no",
            Recipient,
        ),
        ("554 5.7.1 <abuse@h.test>: Recipient address rejected: Access denied", Recipient),
        ("550 5.1.1 <abuse@h.test>... User unknown", Recipient),
        ("550 Unrouteable address", Recipient),
        ("553 nobody@h.test is undeliverable", Recipient),
        ("550 Unknown user", Recipient),
        ("501 <\"x@d.test\">: recipient address must contain a domain", Recipient),
        ("501 5.1.3 Bad recipient address syntax", Recipient),
        ("550 Invalid recipient: <relaytest@d.test>", Recipient),
        (
            "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [x.prod.protection.outlook.com 2026]",
            Recipient,
        ),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Recipient),
        (
            "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces. x-gsmtp",
            Recipient,
        ),
        ("550-5.2.1 The email account that you tried to reach is inactive.\n550 5.2.1 x-gsmtp", Recipient),
        ("550 sorry, no mailbox here by that name. (#5.1.1)", Recipient),
        ("550 #5.1.0 Address rejected.", Recipient),
        ("550 5.1.1 User Unknown", Recipient),
        ("550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550", Recipient),
        ("551 User not local; please try <x@y.test>", Recipient),
        ("551 Please try <x@y.test>", Recipient),
        ("550 5.4.1 Access denied", Recipient),
        ("550 5.001.1 No", Recipient),
        ("550 5.2.1 Disabled", Recipient),
        ("550 No. (#5.1.1)", Recipient),
        ("550 5.0.0 <x@h.test>: Recipient address rejected", Recipient),
        ("550 5.7.1 No such user!", Recipient),
    ]);
}

#[test]
fn refusals_of_the_client() {
    use Refusal::Client;
    check(&[
        (
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1",
            Client,
        ),
        (
            "550 5.7.1 <relaytest@d.test>: Recipient address rejected: Please see http://www.openspf.net/Why SPF fail",
            Client,
        ),
        ("550 5.7.23 <relaytest@d.test>: Recipient address rejected: Message rejected", Client),
        ("550 5.7.1 SPF check failed", Client),
        ("530 5.7.0 Must issue a STARTTLS command first", Client),
        ("530 5.7.1 Authentication required", Client),
        ("530 SMTP authentication is required.", Client),
        ("503 5.5.1 Not now", Client),
        ("550 5.7.606 No", Client),
        ("550 See=>spamhaus", Client),
        ("550 5.7.1 You must authenticate", Client),
        ("553 5.1.8 <probe@d.test>... Domain of sender address probe@d.test does not exist", Client),
        ("550 5.1.8 <probe@d.test>: Sender address rejected: Domain not found", Client),
        ("550 5.1.0 <probe@d.test> sender rejected", Client),
        ("553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)", Client),
        ("504 5.5.2 <probe>: Helo command rejected: need fully-qualified hostname", Client),
        ("554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", Client),
        ("550-Verification failed for <probe@d.test>\n550-Unrouteable address\n550 Sender verify failed", Client),
        ("503 5.5.1 Error: need MAIL command", Client),
        ("503 sender not yet given", Client),
        ("554 SMTP synchronization error", Client),
        ("550 5.7.25 The IP address sending this message does not have a PTR record", Client),
        ("550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550 5.7.26 x-gsmtp", Client),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", Client),
        ("550 csi.mimecast.org Poor Reputation Sender", Client),
        ("554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1", Client),
        ("554 5.7.1 Your host is listed as an open relay, relaying denied", Client),
        ("550 relay not permitted: 192.0.2.1 is listed in zen.spamhaus.org", Client),
    ]);
}

#[test]
fn not_now_and_not_clear() {
    use Refusal::{Temporary, Unclear};
    check(&[
        ("450 4.7.1 <abuse@h.test>: Recipient address rejected: Greylisted", Temporary),
        ("421 4.7.0 Try again later", Temporary),
        ("451 Internal resource temporarily unavailable", Temporary),
        ("550 Administrative prohibition", Unclear),
        ("550 Administrative prohibition - envelope blocked", Unclear),
        ("550 5.7.1 Access denied", Unclear),
        ("550 5.7.0 Local Policy Violation", Unclear),
        ("550 Requested action not taken: mailbox unavailable", Unclear),
        ("552 5.2.2 Mailbox full", Unclear),
        ("550 5.7.1 <abuse@h.test>: Recipient address rejected: rejected by policy", Unclear),
        ("550 Message from relay 192.0.2.1 rejected", Unclear),
        ("550 relaytest@d.test <relay.not.permitted@d.test>", Unclear),
        ("550 5.4.1 No answer from host", Unclear),
        ("550 5.2.1 Delivery refused", Unclear),
        ("501 Syntax error", Unclear),
        ("550 not one of those relay hosts", Unclear),
        ("550 relay host is now denied", Unclear),
        ("550 <spamhaus@d.test> spamhaus@d.test <spamhaus> refused", Unclear),
        ("550 4.1.1 refused", Unclear),
        ("550 5.1.1.9 refused", Unclear),
        ("550 5.0001.1 refused", Unclear),
        ("550 5.1.0001 refused", Unclear),
        ("550", Unclear),
        ("250 ok", Unclear),
    ]);
}

/// What the stock filters of fail2ban 1.0.2 find in the logs of Postfix and Exim, and more.
#[test]
fn what_is_counted() {
    use crate::evidence::{Person, Variant};
    let counted = |step: Step, text: &str| {
        let (code, rest) = text.split_at(3);
        let reply = Reply { code: code.parse().unwrap(), lines: vec![rest.trim().to_owned()] };
        is_counted(&Exchange { step, sent: String::new(), reply: Some(reply), took: 0, secure: false })
    };
    let (relay, local) = (Step::Rcpt(Purpose::Relay(Variant::Plain)), Step::Rcpt(Purpose::Postmaster));
    let vrfy = Step::Vrfy(Person::MadeUp);
    for (step, text, want) in [
        (relay, "554 5.7.1 <t@d.test>: Relay access denied", true),
        (relay, "454 4.7.1 <t@d.test>: Relay access denied", true),
        (relay, "550 relay not permitted, authentication required", true),
        (relay, "530 relay not permitted", false),
        (relay, "250 2.1.5 Ok", false),
        (
            local,
            "550 5.1.1 <postmaster@h.test>: Recipient address rejected: User unknown in local recipient table",
            true,
        ),
        (local, "450 4.2.0 <postmaster@h.test>: Recipient address rejected: Greylisted", true),
        (local, "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", true),
        (local, "554 5.7.1 <postmaster@h.test>: Recipient address rejected: Access denied", false),
        (local, "550 authentication required", false),
        (local, "530 5.7.0 Must issue a STARTTLS command first", false),
        (local, "503 5.5.1 Error: need MAIL command", false),
        (local, "399 no", false),
        (local, "400 no", true),
        (local, "500 no", false),
        (local, "501 no", true),
        (local, "502 no", false),
        (local, "504 no", false),
        (local, "505 no", true),
        (local, "452 no", true),
        (Step::Mail(Purpose::Size), "452 no", false),
        (Step::Mail(Purpose::Control), "550 5.1.8 Sender address rejected: Domain not found", true),
        (Step::Mail(Purpose::Size), "552 5.3.4 Message size exceeds fixed limit", false),
        (Step::Mail(Purpose::Size), "550 5.7.1 no mail from you", true),
        (vrfy, "550 5.1.1 <x>: Recipient address rejected: User unknown in local recipient table", true),
        (vrfy, "252 2.0.0 x", false),
        (vrfy, "502 5.5.1 VRFY command is disabled", false),
        (Step::Expn(Person::Postmaster), "550 EXPN not available", false),
        (Step::Help, "550 no", false),
    ] {
        assert_eq!(counted(step, text), want, "{step:?} {text}");
    }
}

/// The first and the last of each range, and their neighbours.
#[test]
fn codes() {
    use Refusal::{Client, Recipient, Relaying, Unclear};
    let check = |code: u16, text: &str, want| {
        assert_eq!(refusal(&Reply { code, lines: vec![text.to_owned()] }), want, "{code} {text}");
    };
    for (text, want) in [
        ("5.7.54 5.7.64", Relaying),
        ("5.1.7 5.1.8 5.7.20 5.7.27 5.7.500 5.7.999", Client),
        ("5.1.0 5.1.4 5.1.6 5.1.10", Recipient),
        ("5.1.5 5.1.9 5.1.11 5.2.1 5.4.1 5.7.19 5.7.28 5.7.53 5.7.55 5.7.63 5.7.65 5.7.499", Unclear),
    ] {
        text.split(' ').for_each(|code| check(550, code, want));
    }
    let (unclear, client) = ([399, 500, 501, 504, 529, 531, 533, 536, 537, 539, 599], [502, 503, 530, 534, 535, 538]);
    unclear.into_iter().for_each(|code| check(code, "no", Unclear));
    client.into_iter().for_each(|code| check(code, "no", Client));
    [500, 599].into_iter().for_each(|code| check(code, "user unknown", Recipient));
    [400, 499].into_iter().for_each(|code| check(code, "no", Refusal::Temporary));
}

#[test]
fn logins_and_recipients() {
    let reply = |(code, text): (u16, &str)| Reply { code, lines: vec![text.to_owned()] };
    for (said, lacks, many) in [
        ((500, "Authenticate first"), true, false),
        ((599, "log in"), true, false),
        ((530, "no"), true, false),
        ((499, "log in"), false, false),
        ((600, "log in"), false, false),
        ((531, "no"), false, false),
        ((452, "4.5.3 no"), false, true),
        ((552, "5.5.3 no"), false, true),
        ((400, "Too many recipients"), false, true),
        ((399, "Too many recipients"), false, false),
        ((452, "4.3.1 no"), false, false),
    ] {
        let reply = reply(said);
        assert_eq!((lacks_login(&reply), too_many_recipients(&reply)), (lacks, many), "{said:?}");
    }
}
