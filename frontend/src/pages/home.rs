//! The first page: one field.

use shared::Sin;
use shared::domain::{BadName, Typed, read_typed};
use web_sys::HtmlInputElement;
use yew::{
    Callback, Html, InputEvent, NodeRef, Properties, SubmitEvent, TargetCast, component, html, use_node_ref, use_state,
};

use crate::browser;
use crate::scan::Wish;
use crate::shell::shell;

/// `go` leads to an address of this site, with what was made of the typed text.
pub(crate) fn home(go: Callback<(String, Option<String>)>) -> Html {
    let sin = |sin: &Sin| {
        html! {
            <li><span class="n">{ sin.numeral() }</span><span><strong>{ sin.title() }</strong><br />
                <span class="soft">{ sin.summary() }</span></span></li>
        }
    };
    let content = html! {
        <div class="home">
            <h1>{ "The seven deadly sins of mail servers" }</h1>
            <p class="lead">{ "Enter a domain. You get a graded report on how its mail is set up, with what was seen and what to change." }</p>
            <DomainField {go} />
            <p class="examples">
                { "Or look at two examples: " }<a href="/example/saint">{ "a saint" }</a>{ " and " }
                <a href="/example/sinner">{ "a sinner" }</a>{ "." }
            </p>
            <section class="plain" aria-labelledby="seven">
                <h2 id="seven">{ "The seven sins" }</h2>
                <ol class="seven">{ for Sin::ALL.iter().map(sin) }</ol>
            </section>
        </div>
    };
    shell("ready", content)
}

#[derive(Properties, PartialEq)]
struct FieldProps {
    go: Callback<(String, Option<String>)>,
}

#[component]
fn DomainField(props: &FieldProps) -> Html {
    let note = use_state(|| None::<String>);
    let error = use_state(|| None::<BadName>);
    let input = use_node_ref();
    let (selectors, hosts) = (use_node_ref(), use_node_ref());
    let oninput = {
        let (note, error) = (note.clone(), error.clone());
        Callback::from(move |event: InputEvent| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else { return };
            error.set(None);
            note.set(read(&field.value()).ok().and_then(|typed| typed.note));
        })
    };
    let onsubmit = {
        let (error, note, input, go) = (error.clone(), note.clone(), input.clone(), props.go.clone());
        let (selectors, hosts) = (selectors.clone(), hosts.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            match read(&field.value()) {
                Ok(typed) => {
                    let text = |field: &NodeRef| {
                        field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default()
                    };
                    let (selectors, hosts) = (text(&selectors), text(&hosts));
                    let wish = Wish { domain: typed.domain.to_string(), selectors, hosts, ..Wish::default() };
                    go.emit((wish.address(), typed.note));
                }
                Err(bad) => {
                    note.set(None);
                    error.set(Some(bad));
                    let _ = field.focus(); // the error is read with the field
                }
            }
        })
    };
    let invalid = if error.is_some() { "true" } else { "false" };
    html! {
        <form class="ask" role="search" action="/scan" method="get" novalidate=true {onsubmit}>
            <label for="domain">{ "Domain, mail address or web address" }</label>
            <div class="line">
                <input ref={input} id="domain" name="domain" type="text" inputmode="url" placeholder="example.org" maxlength="1000"
                    autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false"
                    aria-invalid={invalid} aria-describedby="domain-error domain-note domain-what" {oninput} />
                <button type="submit" class="first">{ "Check" }</button>
            </div>
            <p id="domain-error" class="error" role="alert">{ error.map(|bad| format!("That can't be checked: {bad}.")) }</p>
            <p id="domain-note" class="hint" aria-live="polite">{ (*note).clone() }</p>
            <details class="fold">
                <summary>{ "DKIM selectors, and hosts that DNS does not name yet" }</summary>
                { more(selectors, "selectors", "DKIM selectors", "s1 2026a", "DNS has no list of them: name those that the domain signs with.") }
                { more(hosts, "hosts", "Hosts of the domain", "imap.example.org", "Such as a new server, before its MX or SRV record goes live.") }
            </details>
            <p id="domain-what" class="soft">
                { "This asks public DNS, then says hello to the domain's mail servers and asks whom they would take mail for, which takes \
                   seconds, at most 110. It never sends a message, never tries a password, and publishes nothing unless you say so." }
            </p>
        </form>
    }
}

/// A field for words that may stay empty.
fn more(field: NodeRef, name: &'static str, label: &'static str, example: &'static str, why: &'static str) -> Html {
    let what = format!("{name}-what");
    html! {
        <p>
            <label for={name}>{ label }</label>
            <input ref={field} id={name} {name} type="text" placeholder={example} maxlength="1000" autocomplete="off"
                autocapitalize="none" autocorrect="off" spellcheck="false" aria-describedby={what.clone()} />
            <small id={what} class="soft">{ why }</small>
        </p>
    }
}

/// What a person typed, with the browser's IDNA.
pub(crate) fn read(text: &str) -> Result<Typed, BadName> {
    read_typed(text, browser::to_ascii)
}
