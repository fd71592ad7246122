//! Sharing a published report: link, badge, and the key that deletes it.

use yew::{AttrValue, Callback, Html, Properties, SubmitEvent, component, html, use_state};

use crate::controls::snippet;
use crate::platform;

/// The badge and the lines that put it on a page. `url` is the report's page, `badge` the badge
/// without `.svg`, both whole.
pub(crate) fn badge_snippets(url: &str, badge: &str, domain: &str) -> Html {
    let alt = format!("Mail sins of {domain}");
    let page = format!(r#"<a href="{url}"><img src="{badge}.svg?theme=auto" alt="{alt}" height="20"></a>"#);
    let markdown = format!("[![{alt}]({badge}.svg?theme=auto)]({url})");
    let card = format!(
        r#"<iframe src="{badge}/card" title="{alt}" width="320" height="320" loading="lazy" frameborder="0"></iframe>"#
    );
    let image = |query: &str, size: &'static str| {
        html! { <img src={format!("{badge}.svg{query}")} alt={alt.clone()} height={size} /> }
    };
    html! {
        <>
            <p class="badge">{ image("?theme=auto", "20") }{ image("?theme=auto&style=seal", "120") }</p>
            <p>{ "It shows the grade and its date, and turns grey after 30 days." }</p>
            { snippet("HTML", &page) }
            { snippet("Markdown", &markdown) }
            { snippet("A card, for a status page", &card) }
            <p class="soft">
                { "Behind .svg: " }<code>{ "?style=seal" }</code>{ " for the seal, " }<code>{ "?theme=dark" }</code>{ ", " }
                <code>{ "light" }</code>{ " or " }<code>{ "auto" }</code>{ ", " }<code>{ "?sin=3" }</code>{ " for one sin. " }
                { "For shields.io: " }<code>{ format!("{badge}.json") }</code>
            </p>
        </>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct DeleteProps {
    pub(crate) id: AttrValue,
}

/// Deletes the report with the key that was told at publishing.
#[component]
pub(crate) fn DeleteReport(props: &DeleteProps) -> Html {
    let outcome = use_state(|| None::<Result<(), String>>);
    let onsubmit = {
        let (outcome, id) = (outcome.clone(), props.id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let outcome = outcome.clone();
            let key = platform::field("delete-key");
            platform::delete_report(&id, key.trim(), Callback::from(move |done| outcome.set(Some(done))));
        })
    };
    let said = match &*outcome {
        None => Html::default(),
        Some(Ok(())) => {
            html! { <p role="status">{ "Deleted. Copies of the page may be seen for another minute, of the badge for five." }</p> }
        }
        Some(Err(why)) => html! { <p role="status" class="error">{ why }</p> },
    };
    html! {
        <details class="fold">
            <summary>{ "Delete this report" }</summary>
            // Not <noscript>: the browser reads its content as text, and hydration would stumble.
            <p class="no-js">
                { "This needs JavaScript, or a DELETE request to /api/v1/reports/" }{ &props.id }
                { " with the key in the header Mailsins-Delete-Key." }
            </p>
            <form class="needs-js" {onsubmit}>
                <label for="delete-key">{ "The delete key, which was shown when the report was published" }</label>
                <div class="line">
                    <input id="delete-key" type="text" autocomplete="off" spellcheck="false" required=true />
                    <button type="submit">{ "Delete for good" }</button>
                </div>
            </form>
            { said }
        </details>
    }
}
