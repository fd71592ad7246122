//! After publishing: link, badge, and the key.

use shared::api::Published;
use yew::{Html, html};

use crate::browser;
use crate::controls::snippet;
use crate::share::badge_snippets;

pub(crate) fn published_view(published: &Published, domain: &str) -> Html {
    let url = whole(&published.url);
    let badge = whole(&published.badge);
    let json = format!("{url}.json");
    html! {
        <section id="published-panel" class="notice published" aria-labelledby="published" tabindex="-1">
            <h2 id="published">{ "Published" }</h2>
            <p>{ "Whoever has this link can read the report: " }<a id="report-link" href={url.clone()}>{ &url }</a></p>
            { snippet("Link", &url) }
            if let Some(key) = &published.delete_key {
                { snippet("Delete key: keep it, it is shown only this once", key) }
                <p>{ "With this key you can delete the report on its page. It cannot be looked up later, not even by us." }</p>
            } else {
                <p>{ "It was published before; its delete key was shown then." }</p>
            }
            <h3>{ "The badge" }</h3>
            { badge_snippets(&url, &badge, domain) }
            <p><a href={json}>{ "The report as JSON" }</a></p>
        </section>
    }
}

/// An address of this site, whole.
fn whole(address: &str) -> String {
    if address.starts_with('/') { format!("{}{address}", browser::origin()) } else { address.to_owned() }
}
