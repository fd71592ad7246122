//! Drawings: the logo, the four verdicts, the seal.

use shared::Verdict;
use shared::grade::Grade;
use yew::{Html, html};

use crate::badge::WAX;

/// An envelope under a wax seal with a 7.
pub(crate) fn logo() -> Html {
    html! {
        <svg class="logo" width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
            <rect x="1.5" y="5" width="25" height="18" rx="1.5" class="stroke" />
            <path d="M2.5 6.500 14 16 25.5 6.5" class="stroke" />
            <circle cx="14" cy="16.5" r="6" class="wax" />
            <path d="M11.4 13.4h5l-3 6.2" class="seven" />
        </svg>
    }
}

/// Filled square with a cross, triangle, ticked circle, dashed circle; a note is a plain "i". In a square of 16 units.
fn shape(verdict: Verdict) -> Html {
    match verdict {
        Verdict::Mortal => html! {
            <>
                <rect x="1" y="1" width="14" height="14" rx="1.5" class="fill" />
                <path d="M5 5l6 6M11 5l-6 6" class="cut" />
            </>
        },
        Verdict::Venial => html! {
            <>
                <path d="M8 1.8 14.8 14H1.2z" class="stroke" />
                <path d="M8 6.300v3.700" class="stroke" />
                <circle cx="8" cy="12" r="1" class="fill" />
            </>
        },
        Verdict::Clean => html! {
            <>
                <circle cx="8" cy="8" r="6.8" class="stroke" />
                <path d="M4.800 8.300 7 10.500l4.300-5" class="stroke" />
            </>
        },
        Verdict::Note => html! {
            <>
                <circle cx="8" cy="8" r="6.8" class="stroke" />
                <path d="M8 7.300v4.200" class="stroke" />
                <circle cx="8" cy="4.800" r="1" class="fill" />
            </>
        },
        Verdict::Untested => html! { <circle cx="8" cy="8" r="6.8" class="stroke dashed" /> },
    }
}

/// The verdict's shape within another drawing, 14 units square.
pub(crate) fn sign(x: u32, y: u32, verdict: Verdict) -> Html {
    let class = format!("sign {}", verdict.word());
    html! { <svg {class} x={x.to_string()} y={y.to_string()} width="14" height="14" viewBox="0 0 16 16">{ shape(verdict) }</svg> }
}

/// The verdict's shape and word; the word may say more: "Mortal, suspected".
pub(crate) fn verdict_label(verdict: Verdict, word: &str) -> Html {
    html! { <span class={format!("v {}", verdict.word())}><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{ shape(verdict) }</svg>{ word }</span> }
}

/// The wax seal: solid for F and D, ring and letter for C and B, with laurel for A and A+.
/// Without a letter a dashed ring with the coverage, in per cent, in it.
pub(crate) fn seal(grade: Option<Grade>, coverage: u32) -> Html {
    let Some(grade) = grade else {
        let label = format!("No grade: {coverage} % could be seen");
        return html! {
            <svg class="seal none" viewBox="0 0 120 120" role="img" aria-label={label}>
                <circle cx="60" cy="60" r="52" class="ring dashed" />
                <text x="60" y="64" class="share">{ format!("{coverage} %") }</text>
                <text x="60" y="80" class="small">{ "seen" }</text>
            </svg>
        };
    };
    let class = match grade {
        Grade::APlus | Grade::A => "seal good laurelled",
        Grade::B => "seal good",
        Grade::C => "seal fair",
        Grade::D | Grade::F => "seal bad",
    };
    html! {
        <svg {class} viewBox="0 0 120 120" role="img" aria-label={format!("Grade {grade}")}>
            <path d={WAX} class="wax" />
            <circle cx="60" cy="60" r="45" class="ring" />
            if grade == Grade::APlus { <circle cx="60" cy="60" r="49" class="ring" /> }
            if matches!(grade, Grade::A | Grade::APlus) { { laurel() } }
            <text x="60" y="78" class="letter">{ grade.letter() }</text>
        </svg>
    }
}

/// Leaves on both sides, open at the top.
fn laurel() -> Html {
    let leaf = |side: i32, turn: i32| {
        let transform = format!("rotate({} 60 60)", side * turn);
        let tilt = format!("rotate({} 60 97.5)", side * 35);
        html! { <g {transform}><ellipse cx="60" cy="97.5" rx="5.4" ry="2.1" transform={tilt} class="leaf" /></g> }
    };
    let turns = [14, 32, 50, 68, 86, 104, 122];
    html! { <>{ for turns.iter().map(|t| leaf(1, *t)) }{ for turns.iter().map(|t| leaf(-1, *t)) }</> }
}
