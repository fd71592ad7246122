//! Pictures, drawn as `shared::picture` laid them out, with the same in words.

use shared::picture::{Picture, Pictures, WIDTH};
use yew::{Html, html};

use crate::icons::sign;

/// The path of a mail, and the tree of the SPF record.
pub(crate) fn pictures(pictures: &Pictures) -> Html {
    html! {
        <>
            if !pictures.paths.is_empty() {
                <section class="plain" id="path" aria-labelledby="path-title">
                    <h2 id="path-title">{ "The path of a mail" }</h2>
                    <p class="soft">{ "From the domain's records to what answers on port 25, as senders find it." }</p>
                    <div class="pictures">{ for pictures.paths.iter().map(picture) }</div>
                </section>
            }
            if let Some(spf) = &pictures.spf {
                <section class="plain" id="spf" aria-labelledby="spf-title">
                    <h2 id="spf-title">{ "The tree of the SPF record" }</h2>
                    <p class="soft">{ "Each term that asks DNS is a lookup. Receivers give up after 10 (RFC 7208 section 4.6.4)." }</p>
                    { picture(spf) }
                </section>
            }
        </>
    }
}

/// When what was asked.
pub(crate) fn time_line(picture: &Picture) -> Html {
    html! {
        <section class="plain" id="time" aria-labelledby="time-title">
            <h2 id="time-title">{ "The time line of the scan" }</h2>
            <details class="fold"><summary>{ &picture.title }</summary>{ drawing(picture) }<pre tabindex="0">{ &picture.words }</pre></details>
        </section>
    }
}

fn picture(picture: &Picture) -> Html {
    html! {
        <figure>
            <figcaption>{ &picture.title }</figcaption>
            { drawing(picture) }
            <details class="fold"><summary>{ "In words" }</summary><pre tabindex="0">{ &picture.words }</pre></details>
        </figure>
    }
}

fn drawing(picture: &Picture) -> Html {
    let Picture { title, height, lines, bars, marks, texts, .. } = picture;
    let text = |(x, y, style, text): &(u32, u32, String, String)| {
        html! { <text class={style.clone()} x={x.to_string()} y={y.to_string()}>{ text }</text> }
    };
    html! {
        <svg class="picture" viewBox={format!("0 0 {WIDTH} {height}")} role="img" aria-label={title.clone()}>
            <path class="line" d={lines.clone()} />
            <path class="bar" d={bars.clone()} />
            { for marks.iter().map(|(x, y, verdict)| sign(*x, *y, *verdict)) }
            { for texts.iter().map(text) }
        </svg>
    }
}
