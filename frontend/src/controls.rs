//! Small controls that need JavaScript, and hide without it.

use yew::{AttrValue, Callback, Html, Properties, classes, component, html, use_state};

use crate::platform;

#[derive(Properties, PartialEq)]
pub(crate) struct CopyProps {
    pub(crate) text: AttrValue,
    #[prop_or(AttrValue::Static("Copy"))]
    pub(crate) label: AttrValue,
    /// What is copied, for those who do not see where the button stands.
    pub(crate) what: AttrValue,
    #[prop_or_default]
    pub(crate) first: bool,
}

/// A button that puts a text on the clipboard and says so.
#[component]
pub(crate) fn Copy(props: &CopyProps) -> Html {
    let copied = use_state(|| None::<bool>);
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.clone());
        Callback::from(move |_| {
            let copied = copied.clone();
            platform::copy(&text, Callback::from(move |ok| copied.set(Some(ok))));
        })
    };
    let label = match *copied {
        None => props.label.clone(),
        Some(true) => AttrValue::Static("Copied"),
        Some(false) => AttrValue::Static("Select and copy by hand"),
    };
    // A button's new label is not read out by itself.
    let said = if copied.is_some() { label.clone() } else { AttrValue::Static("") };
    html! {
        <>
            <button type="button" class={classes!("needs-js", props.first.then_some("first"))} {onclick}>
                { label }<span class="unseen">{ format!(" ({})", props.what) }</span>
            </button>
            <span role="status" class="unseen">{ said }</span>
        </>
    }
}

/// A labelled text to copy.
pub(crate) fn snippet(label: &'static str, text: &str) -> Html {
    html! {
        <div class="snippet">
            <div class="bar"><span>{ label }</span><Copy text={text.to_owned()} what={label} /></div>
            <pre>{ text }</pre>
        </div>
    }
}
