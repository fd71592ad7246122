//! What to change, in lines to paste.

use shared::remedies::{Recipe, Remedy};
use shared::visible::visible;
use yew::{Html, html};

use crate::controls::Copy;

/// `others` says where else it belongs.
pub(crate) fn remedy_view(remedy: &Remedy, others: &str) -> Html {
    let Remedy { action, minutes, recipes } = remedy;
    let recipe = |(n, recipe): (usize, &Recipe)| {
        let Recipe { software, place, lines } = recipe;
        let other = software == "other";
        let title = match (other, place.is_empty()) {
            (true, _) => "Other software".to_owned(),
            (false, true) => software.clone(),
            (false, false) => format!("{software}, in {place}"),
        };
        html! {
            <details class="recipe" open={n == 0}>
                <summary>{ visible(&title) }</summary>
                if other {
                    <p>{ visible(lines) }</p>
                } else {
                    <div class="paste"><pre>{ visible(lines) }</pre><Copy text={visible(lines)} what={visible(&title)} /></div>
                }
            </details>
        }
    };
    html! {
        <div class="remedy">
            <p class="action"><strong>{ visible(action) }</strong><small>{ format!("about {minutes} min{others}") }</small></p>
            { for recipes.iter().enumerate().map(recipe) }
        </div>
    }
}
