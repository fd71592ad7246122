//! What changed since another report, or by another policy.

use shared::difference::{Change, Difference, Said, Side};
use shared::visible::visible;
use yew::{Html, html};

use super::word;
use crate::icons::verdict_label;
use crate::text::moment;

pub(crate) fn changes(title: &str, difference: &Difference) -> Html {
    let Difference { before, after, changes } = difference;
    let grade = |side: &Side| side.grade.map_or("no grade", |grade| grade.letter());
    let policy = if before.policy_version == after.policy_version {
        String::new()
    } else {
        format!(" Policy {} then, {} now.", before.policy_version, after.policy_version)
    };
    let same = if changes.is_empty() { " Nothing else changed." } else { "" };
    let grades = match (grade(before), grade(after)) {
        (old, new) if old == new => format!("The grade is the same: {new}."),
        (old, new) => format!("The grade was {old} and is {new}."),
    };
    html! {
        <section class="notice" id="difference" aria-labelledby="difference-title">
            <h2 id="difference-title">{ title }</h2>
            <p>{ format!("{grades}{policy}{same} The older one is of {}.", moment(&before.checked_at)) }</p>
            <ul class="outcomes">{ for changes.iter().map(change) }</ul>
        </section>
    }
}

fn change(change: &Change) -> Html {
    let said =
        |said: &Said| html! { <>{ verdict_label(said.verdict, word(said.verdict)) }{ " " }{ visible(&said.title) }</> };
    html! {
        <li data-turn={change.turn.word()}>
            <strong>{ change.turn.word() }</strong>
            <span>
                { change.before.as_ref().map(said) }
                if change.before.is_some() && change.after.is_some() { <br />{ "now " } }
                { change.after.as_ref().map(said) }
                <br /><span class="soft">{ visible(&change.subject) }</span>
            </span>
        </li>
    }
}
