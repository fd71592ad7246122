//! All checks, by sin.

use shared::Sin;
use shared::checks::{CHECKS, Check};
use yew::{Html, html};

use super::Leaf;
use super::words::{Spec, text};

pub(super) fn leaf() -> Leaf {
    let sin = |sin: &Sin| {
        let id = format!("sin-{}", u8::from(*sin));
        let title = format!("{id}-title");
        html! {
            <section class="plain" id={id} aria-labelledby={title.clone()}>
                <h2 id={title}><span class="n">{ sin.numeral() }</span>{ " " }{ sin.title() }</h2>
                <p class="soft">{ sin.summary() }</p>
                <ul class="checks">{ for CHECKS.iter().filter(|check| check.sin == *sin).map(item) }</ul>
            </section>
        }
    };
    let content = html! {
        <div class="prose">
            <h1>{ "The seven sins and their checks" }</h1>
            <p class="lead">{ format!("{} checks, each with a page that says what it looks at, everything that it can say, and what to change.", CHECKS.len()) }</p>
            { for Sin::ALL.iter().map(sin) }
        </div>
    };
    Leaf {
        path: "checks".to_owned(),
        title: "The seven sins and their checks".to_owned(),
        description: "Every check of a mail domain: open relay, log-ins in clear text, SPF, DKIM, DMARC, MTA-STS, DANE, banners, postmaster, scanning and limits.".to_owned(),
        content,
    }
}

fn item(check: &Check) -> Html {
    html! {
        <li>
            <a href={format!("/checks/{}", check.id)}>{ check.title }</a>{ " " }<code class="soft">{ check.id }</code><br />
            { text(&Spec::of(check).objective) }
        </li>
    }
}
