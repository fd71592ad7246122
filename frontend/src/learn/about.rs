//! How it works, what it does and never does, and how to opt out.

use shared::{POLICY_VERSION, Sin};
use yew::{Html, html};

use super::Leaf;
use crate::server::CONTACT;

pub(super) fn leaf() -> Leaf {
    let content = html! {
        <div class="prose">
            <h1>{ "How mailsins works" }</h1>
            <p class="lead">{ "It reads what a domain says of its mail in public, asks its mail servers a few polite questions, and judges the answers by a published rule." }</p>
            { probe() }
            { grading() }
            <section class="plain" id="sins" aria-labelledby="sins-title">
                <h2 id="sins-title">{ "The seven sins and their checks" }</h2>
                <ul>{ for Sin::ALL.iter().map(sin) }</ul>
                <p>{ "Each has its " }<a href="/checks">{ "checks" }</a>{ ", and each check a page: what it looks at, what it can say, and what to change." }</p>
            </section>
            { visitor() }
            { opt_out() }
            { privacy() }
        </div>
    };
    Leaf {
        path: "about".to_owned(),
        title: "How mailsins works".to_owned(),
        description:
            "What a probe does and never does, how the grade is made, how to opt out, and what is kept of you."
                .to_owned(),
        content,
    }
}

fn sin(sin: &Sin) -> Html {
    html! {
        <li><a href={format!("/checks#sin-{}", u8::from(*sin))}>{ format!("{}. {}", sin.numeral(), sin.title()) }</a>{ ": " }{ sin.summary() }</li>
    }
}

fn probe() -> Html {
    html! {
        <section class="plain" id="probe" aria-labelledby="probe-title">
            <h2 id="probe-title">{ "What a probe does, and never does" }</h2>
            <ul>
                <li>{ "It looks up the domain's public DNS records, and connects only where they lead: to the mail servers' public addresses." }</li>
                <li>{ "There it says EHLO, reads what the server offers, and asks with MAIL and RCPT whom it would take mail for. It always says QUIT." }</li>
                <li>{ "It never sends DATA, so no message ever leaves or arrives, unless the domain's own record asks for tests that send one. It never sends a user name or a password: where a server starts a log-in in clear text, the probe cancels it at once." }</li>
                <li>{ "One conversation at a time with a host, few connections, and ten minutes' rest after them. It stops after a few refusals, so as not to trip a server's defences." }</li>
                <li>{ "A server that holds its greeting back is waited for, up to 60 seconds. Nothing is concluded from the wait." }</li>
            </ul>
        </section>
    }
}

fn grading() -> Html {
    html! {
        <section class="plain" id="grading" aria-labelledby="grading-title">
            <h2 id="grading-title">{ "How the grade is made" }</h2>
            <p>{ "You can do the sum yourself. A domain starts with 100 points." }</p>
            <table>
                <thead><tr><th scope="col">{ "Finding" }</th><th scope="col">{ "costs" }</th></tr></thead>
                <tbody>
                    <tr><td>{ "mortal, of sins I and II" }</td><td>{ "25" }</td></tr>
                    <tr><td>{ "mortal, of sins III to VII" }</td><td>{ "15" }</td></tr>
                    <tr><td>{ "venial" }</td><td>{ "5" }</td></tr>
                    <tr><td>{ "suspected rather than proved" }</td><td>{ "half" }</td></tr>
                </tbody>
            </table>
            <p>{ "A check counts once, on however many hosts it fails, and one sin costs at most 40. A from 90, B from 75, C from 60, D from 45, else F." }</p>
            <p>{ "Caps: a proved relay is F, a suspected one no better than D. Clear-text credentials are no better than D. A domain whose mail cannot arrive is F. \
                  A+ wants 100 points, nine tenths of all checks seen, DMARC enforced, and MTA-STS enforced or DANE." }</p>
            <p>{ "What could not be seen counts neither way. If less than half could be seen, or less than half of the mail servers answered, there is no letter: a scanner that was shut out proves nothing." }</p>
            <p class="soft">{ format!("This is policy {POLICY_VERSION}. Its number changes with every change of the rule, and each report says which one judged it.") }</p>
        </section>
    }
}

/// For operators who found us in their logs.
fn visitor() -> Html {
    html! {
        <section class="plain" id="visitor" aria-labelledby="visitor-title">
            <h2 id="visitor-title">{ "If we turned up in your logs" }</h2>
            <p>{ "Somebody asked this site how a domain's mail is set up, and the domain's DNS led to your server. We say EHLO by a name that begins with \"probe.\", \
                  and write from \"probe@\" at the domain behind it, to postmaster, abuse and other role names, to one made-up name, and to an address of our own, \
                  to see that you don't relay. No message follows, and no password." }</p>
            <p>{ "You see at most four connections to a port, one at a time, and refuse us at most four times; then ten minutes of rest, whoever asks. \
                  To reach us, write to " }{ CONTACT }{ ". To be left alone, opt out:" }</p>
        </section>
    }
}

fn opt_out() -> Html {
    html! {
        <section class="plain" id="opt-out" aria-labelledby="opt-out-title">
            <h2 id="opt-out-title">{ "How to opt out" }</h2>
            <p>{ "If you run a domain or a mail server and don't want to be probed, say so in DNS, at the domain, at the name of the mail server or at the name of its address:" }</p>
            <pre>{ "_mailsins.example.org. TXT \"v=mailsins1; probe=none\"" }</pre>
            <p>{ "No probe is made from then on, and the domain's reports are taken down." }</p>
        </section>
    }
}

fn privacy() -> Html {
    html! {
        <section class="plain" id="privacy" aria-labelledby="privacy-title">
            <h2 id="privacy-title">{ "Privacy" }</h2>
            <ul>
                <li>{ "No cookies, no trackers, nothing from other sites. Your browser remembers which reports it opened, and tells nobody." }</li>
                <li>{ "A scan forgets itself after 24 hours, a run of active tests after two days. Nothing is stored for longer unless you publish the report." }</li>
                <li>{ "A published report is unlisted: only who has the link finds it, and search engines are asked to stay away; but a domain whose record allows history has its reports listed. It is kept for a year, or until you delete it with its key. Deletion is real; copies of the page may be seen for another minute, of the badge for five." }</li>
                <li>{ "Of a mail address only the domain is used; the rest never leaves your browser." }</li>
            </ul>
        </section>
    }
}
