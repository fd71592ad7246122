//! The text of a specification on a page. It is Markdown of our own, so only what it has is read.

use shared::checks::{Check, specification};
use yew::{Html, html};

/// A specification in its parts.
#[derive(Default)]
pub(super) struct Spec {
    pub(super) objective: String,
    pub(super) evidence: Vec<String>,
    /// The items of the list of outcomes.
    pub(super) items: Vec<String>,
    /// What stands below that list.
    pub(super) notes: Vec<String>,
}

impl Spec {
    pub(super) fn of(check: &Check) -> Self {
        let text = specification(check.id).unwrap_or_default();
        let mut spec = Self::default();
        let mut part = String::new();
        for block in text.split("\n\n").skip(1) {
            let block = match block.strip_prefix("**").and_then(|rest| rest.split_once(".**")) {
                Some((name, rest)) => {
                    name.clone_into(&mut part);
                    rest
                }
                None => block,
            };
            let (head, items) = block.split_once("\n- ").unwrap_or((block, ""));
            let paragraph = one_line(head);
            if !items.is_empty() {
                spec.items.extend(items.split("\n- ").map(one_line));
            }
            if paragraph.is_empty() {
                continue;
            }
            match part.as_str() {
                "Objective" if spec.objective.is_empty() => spec.objective = paragraph,
                "Objective" | "Evidence" => spec.evidence.push(paragraph),
                "Source" => {}
                _ => spec.notes.push(paragraph),
            }
        }
        spec
    }

    /// The item that explains an outcome.
    pub(super) fn item(&self, code: &str) -> Option<&str> {
        let named = format!("`{code}`");
        self.items
            .iter()
            .find(|item| item.split(": ").next().is_some_and(|head| head.contains(&named)))
            .map(String::as_str)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with its code.
pub(super) fn text(text: &str) -> Html {
    let part = |(n, part): (usize, &str)| {
        if n % 2 == 1 {
            html! { <code>{ part }</code> }
        } else {
            html! { { part.replace("**", "") } }
        }
    };
    html! { <>{ for text.split('`').enumerate().map(part) }</> }
}

/// The same without any marks.
pub(super) fn plain(text: &str) -> String {
    text.replace(['`', '*'], "")
}

/// Where a rule stands, with links to RFCs.
pub(super) fn source(text: &str) -> Html {
    let mut parts = text.split("RFC ");
    let first = parts.next().unwrap_or_default().to_owned();
    let linked = |part: &str| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at_checked(digits).unwrap_or((part, ""));
        html! {
            <><a href={format!("https://www.rfc-editor.org/rfc/rfc{number}")}>{ format!("RFC {number}") }</a>{ rest.to_owned() }</>
        }
    };
    html! { <>{ first }{ for parts.map(linked) }</> }
}
