//! When a scan can't go on: what happened, and what to do.

use yew::{Callback, Html, html};

use crate::api::Failure;
use crate::{browser, engine};

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The scan lives on at the server: look again.
    Resume,
    /// A new scan.
    Again,
    /// Nothing but another domain.
    Other,
}

/// Why a scan stopped, in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) way: Way,
}

impl Trouble {
    /// After a failed request. `lives`: there is a scan to go back to.
    pub(crate) fn of(failure: &Failure, lives: bool) -> Self {
        let retry = if lives { Way::Resume } else { Way::Again };
        match failure {
            Failure::Unreachable if browser::is_offline() => Self {
                title: "You are offline".to_owned(),
                detail: "Nothing can be asked without a network. What was seen so far stays on this page.".to_owned(),
                way: retry,
            },
            Failure::Unreachable => Self {
                title: "This site's server cannot be reached".to_owned(),
                detail: "It may be down, or something between you and it is. Nothing is concluded about the domain."
                    .to_owned(),
                way: retry,
            },
            Failure::Problem { problem, retry_after } if problem.status == 429 => Self {
                title: "Too many checks from where you are".to_owned(),
                detail: format!("Please come back in {}.", wait(retry_after.unwrap_or(60))),
                way: retry,
            },
            Failure::Problem { problem, .. } => Self {
                title: shared::visible::visible(&problem.title),
                detail: shared::visible::visible(&problem.detail),
                way: match problem.status {
                    404 | 410 | 500.. => Way::Again,
                    _ => Way::Other,
                },
            },
        }
    }

    /// What judges could not be loaded.
    pub(crate) fn no_engine() -> Self {
        let (title, detail) = engine::why_missing();
        Self { title: title.to_owned(), detail: detail.to_owned(), way: Way::Again }
    }

    /// The scan went silent.
    pub(crate) fn silent() -> Self {
        Self {
            title: "The check did not come to its end".to_owned(),
            detail: "The server went silent. What was seen so far stays on this page, but it is not a whole report."
                .to_owned(),
            way: Way::Again,
        }
    }
}

/// `40 seconds`, `2 minutes`.
fn wait(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

pub(crate) fn trouble_view(trouble: &Trouble, resume: &Callback<()>, again: &Callback<()>) -> Html {
    let on = |callback: &Callback<()>| callback.reform(|_| ());
    html! {
        <section class="notice trouble" role="alert" aria-labelledby="trouble">
            <h2 id="trouble">{ &trouble.title }</h2>
            <p>{ &trouble.detail }</p>
            <div class="actions">
                if trouble.way == Way::Resume { <button type="button" class="first" onclick={on(resume)}>{ "Try again" }</button> }
                if trouble.way == Way::Again { <button type="button" class="first" onclick={on(again)}>{ "Start again" }</button> }
                <a class="btn" href="/">{ "Another domain" }</a>
            </div>
        </section>
    }
}
