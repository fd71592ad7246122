//! What stands around every page: header, main, footer.

use yew::{Html, html};

use crate::icons::logo;

/// A whole page. `state` is what it is doing: `ready`, `loading`, `scanning`, `complete`,
/// `cancelled`, `failed`, `published`.
pub(crate) fn shell(state: &'static str, content: Html) -> Html {
    html! {
        <>
            <a class="skip" href="#main">{ "Skip to the content" }</a>
            <header class="top"><div class="wrap">
                <a class="brand" href="/">{ logo() }{ "mailsins" }</a>
                <nav aria-label="Site">
                    <a href="/">{ "Check a domain" }</a>
                    <a href="/lint">{ "Lint a record" }</a>
                    <a href="/checks">{ "The seven sins" }</a>
                    <a href="/mailtest">{ "Test outgoing mail" }</a>
                    <a href="/about">{ "About" }</a>
                </nav>
            </div></header>
            <main id="main" class="wrap" tabindex="-1" data-state={state}>{ content }</main>
            <footer><div class="wrap"><p>
                { "mailsins reads public records and says hello to public mail servers. It sends no passwords, and mail only where the domain's own record allows it. " }
                <a href="/about#opt-out">{ "How it works, and how to opt out" }</a>
                { " · " }<a href="/api">{ "API" }</a>
            </p></div></footer>
        </>
    }
}

/// A page that says one thing: what happened, and what to do.
pub(crate) fn message(state: &'static str, title: &str, content: Html) -> Html {
    shell(state, html! { <div class="message"><h1>{ title }</h1>{ content }</div> })
}

/// A link that looks like the page's first button.
pub(crate) fn way_out(href: &'static str, label: &'static str) -> Html {
    html! { <p><a class="btn first" {href}>{ label }</a></p> }
}
