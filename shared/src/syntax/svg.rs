//! SVG Tiny Portable/Secure, the profile of logos in mail (draft-svg-tiny-ps-abrotman).
//!
//! Told are only faults that all who show logos agree on; an element that nobody knows is passed over.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Bad, Fault};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The most octets that a logo should have (BIMI Group, SVG guidelines).
const OCTETS_MAX: usize = 32 * 1024;

/// The most nodes that are looked at: a text within the driver's cap has fewer.
const NODES_MAX: u32 = 100_000;

/// The most faults that are told of one logo.
const FAULTS_MAX: usize = 20;

/// Elements that run, move or fetch something, and pictures made of dots.
const FORBIDDEN: [&str; 16] = [
    "animate",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "animation",
    "audio",
    "discard",
    "foreignObject",
    "handler",
    "image",
    "listener",
    "mpath",
    "prefetch",
    "script",
    "set",
    "video",
];

/// Elements of SVG that its Tiny profile does not have.
const NOT_TINY: [&str; 7] = ["clipPath", "filter", "marker", "mask", "pattern", "style", "symbol"];

const NOT_XML: Bad = ("not-xml", "This is not well-formed XML.");
const NOT_SVG: Bad = ("not-svg", "The outermost element must be svg, in the namespace http://www.w3.org/2000/svg.");
const NO_PROFILE: Bad = ("no-profile", "The svg element must say baseProfile=\"tiny-ps\".");
const NO_VERSION: Bad = ("no-version", "The svg element must say version=\"1.2\".");
const NO_TITLE: Bad = ("no-title", "The svg element must hold a title that is not empty.");
const PLACED: Bad = ("placed", "The svg element must not have x or y.");
const ELEMENT: Bad = ("forbidden-element", "Scripts, animation, pictures and the like are not allowed in the profile.");
const TINY: Bad = ("not-tiny", "SVG Tiny has no such element.");
const EVENT: Bad = ("event", "Attributes that run something are not allowed in the profile.");
const OUTSIDE: Bad = ("outside", "Links and references may lead only to elements of the same file.");
const LARGE: Bad = ("large", "The logo should have no more than 32 KB.");
const NOT_SQUARE: Bad = ("not-square", "The viewBox should be as wide as high, or parts of the logo are cut off.");

/// Faults in spite of which a logo can be shown.
pub const ADVICE: [&str; 2] = [LARGE.0, NOT_SQUARE.0];

/// What is wrong with a logo.
pub fn faults(text: &str) -> Vec<Fault> {
    // A document type may stand there; entities are not followed without end, and never fetched.
    let options = ParsingOptions { allow_dtd: true, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => return vec![not_xml(text, error.pos())],
    };
    let mut faults = Vec::new();
    root(document.root_element(), &mut faults);
    for node in document.root_element().descendants().filter(Node::is_element) {
        element(node, &mut faults);
        if faults.len() >= FAULTS_MAX {
            break;
        }
    }
    if text.len() > OCTETS_MAX {
        faults.push(Fault::new(LARGE, 0, 0));
    }
    faults.truncate(FAULTS_MAX);
    faults
}

/// The line of the error is what can be marked: its column counts characters.
fn not_xml(text: &str, at: roxmltree::TextPos) -> Fault {
    let row = usize::try_from(at.row).unwrap_or_default().saturating_sub(1);
    let start = text.split_inclusive('\n').take(row).map(str::len).sum::<usize>();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    Fault::new(NOT_XML, start, start + line.len())
}

fn root(svg: Node<'_, '_>, faults: &mut Vec<Fault>) {
    let (start, end) = tag(svg);
    let mut tell = |bad| faults.push(Fault::new(bad, start, end));
    if svg.tag_name().name() != "svg" || svg.tag_name().namespace() != Some(SVG) {
        tell(NOT_SVG);
        return;
    }
    if svg.attribute("baseProfile") != Some("tiny-ps") {
        tell(NO_PROFILE);
    }
    if svg.attribute("version") != Some("1.2") {
        tell(NO_VERSION);
    }
    if svg.has_attribute("x") || svg.has_attribute("y") {
        tell(PLACED);
    }
    let is_title = |node: &Node<'_, '_>| node.has_tag_name((SVG, "title"));
    let title = svg.children().find(is_title).and_then(|title| title.text());
    if title.is_none_or(|title| title.trim().is_empty()) {
        tell(NO_TITLE);
    }
    if let Some((width, height)) = svg.attribute("viewBox").and_then(size)
        && width != height
    {
        tell(NOT_SQUARE);
    }
}

/// A number's digits before and behind its dot.
type Digits<'a> = (&'a str, &'a str);

/// Width and height of a `viewBox`.
fn size(view: &str) -> Option<(Digits<'_>, Digits<'_>)> {
    let mut numbers = view.split([',', ' ', '\t', '\r', '\n']).filter(|part| !part.is_empty()).skip(2);
    Some((digits(numbers.next()?)?, digits(numbers.next()?)?))
}

/// A number, such that `64`, `064` and `64.0` are one. Not by reading it: the tables for that are 10 KB of
/// every browser's download. Nothing for a number with an exponent, which nobody writes here.
fn digits(number: &str) -> Option<Digits<'_>> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_plain = whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit());
    is_plain.then(|| (whole.trim_start_matches('0'), part.trim_end_matches('0')))
}

fn element(node: Node<'_, '_>, faults: &mut Vec<Fault>) {
    let name = node.tag_name();
    // What editors leave in namespaces of their own is nothing to whoever draws the logo.
    if name.namespace() != Some(SVG) {
        return;
    }
    let (start, end) = tag(node);
    if FORBIDDEN.contains(&name.name()) {
        faults.push(Fault::new(ELEMENT, start, end));
    } else if NOT_TINY.contains(&name.name()) {
        faults.push(Fault::new(TINY, start, end));
    }
    for attribute in node.attributes() {
        let value = attribute.value().trim();
        let bad = match attribute.name() {
            "href" if !value.starts_with('#') => Some(OUTSIDE),
            name if name.len() > 2 && name.starts_with("on") => Some(EVENT),
            _ if refers_outside(value) => Some(OUTSIDE),
            _ => None,
        };
        let range = attribute.range();
        faults.extend(bad.map(|bad| Fault::new(bad, range.start, range.end)));
    }
}

/// Is there a `url(…)` of another file?
fn refers_outside(value: &str) -> bool {
    let targets = value.split("url(").skip(1);
    targets.map(|rest| rest.trim_start_matches([' ', '\'', '"'])).any(|target| !target.starts_with('#'))
}

/// An element's opening tag: only its beginning is marked.
fn tag(node: Node<'_, '_>) -> (usize, usize) {
    let range = node.range();
    let whole = node.document().input_text().get(range.clone()).unwrap_or_default();
    (range.start, range.start + whole.find('>').map_or(whole.len(), |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        faults(text).iter().map(|fault| (fault.code, &text[fault.start..fault.end])).collect()
    }

    fn logo(attributes: &str, content: &str) -> String {
        format!("<svg xmlns=\"{SVG}\" version=\"1.2\" {attributes}>{content}</svg>")
    }

    #[test]
    fn good_logos() {
        let good = logo(
            "baseProfile=\"tiny-ps\" viewBox=\"0 0 64,64\"",
            "<title>Example</title><defs><linearGradient id=\"g\"/></defs><rect fill=\"url( '#g')\" width=\"64\"/><unknown/>",
        );
        for text in [
            good.clone(),
            format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- by hand -->\n{good}\n"),
            format!(
                "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">{good}"
            ),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }

    #[test]
    fn faults_have_their_place() {
        let tiny = "baseProfile=\"tiny-ps\"";
        let title = "<title>Example</title>";
        let open = |attributes: &str| format!("<svg xmlns=\"{SVG}\" version=\"1.2\" {attributes}>");
        let rows = [
            (logo("", title), vec![("no-profile", open(""))]),
            (logo(tiny, "<title> </title>"), vec![("no-title", open(tiny))]),
            (logo(&format!("{tiny} x=\"0\""), title), vec![("placed", open(&format!("{tiny} x=\"0\"")))]),
            (
                logo(&format!("{tiny} viewBox=\"0 0 64 32\""), title),
                vec![("not-square", open(&format!("{tiny} viewBox=\"0 0 64 32\"")))],
            ),
            (
                logo(&format!("{tiny} viewBox=\"0 0 6.4 6.41\""), title),
                vec![("not-square", open(&format!("{tiny} viewBox=\"0 0 6.4 6.41\"")))],
            ),
            (logo(&format!("{tiny} viewBox=\"0,0,64.50,064.5\""), title), vec![]),
            (logo(&format!("{tiny} viewBox=\"0 0 .5 0.5\""), title), vec![]),
            (logo(&format!("{tiny} viewBox=\"0 0 64 a\""), title), vec![]),
            (
                logo(
                    tiny,
                    &format!(
                        "{title}<script>x()</script><style/><rect onclick=\"x()\" fill=\"url(https://a.test/x)\"/><use href=\"#a\"/><use href=\"b.svg#a\"/>"
                    ),
                ),
                vec![
                    ("forbidden-element", "<script>".to_owned()),
                    ("not-tiny", "<style/>".to_owned()),
                    ("event", "onclick=\"x()\"".to_owned()),
                    ("outside", "fill=\"url(https://a.test/x)\"".to_owned()),
                    ("outside", "href=\"b.svg#a\"".to_owned()),
                ],
            ),
            (
                logo(&format!("{tiny} viewBox=\"0, 0, 64, 32\""), title),
                vec![("not-square", open(&format!("{tiny} viewBox=\"0, 0, 64, 32\"")))],
            ),
            (logo(&format!("{tiny} y=\"0\""), title), vec![("placed", open(&format!("{tiny} y=\"0\"")))]),
            (logo(tiny, &format!("{title}<rect on=\"x\" onx=\"y\"/>")), vec![("event", "onx=\"y\"".to_owned())]),
            (format!("\u{feff}{}", logo("", title)), vec![("no-profile", open(""))]),
            (format!("\u{feff}\n{}", logo("", "&")), vec![("not-xml", logo("", "&"))]),
            ("<html><body/></html>".to_owned(), vec![("not-svg", "<html>".to_owned())]),
            ("<svg><rect/></svg>".to_owned(), vec![("not-svg", "<svg>".to_owned())]),
            (format!("<g xmlns=\"{SVG}\"/>"), vec![("not-svg", format!("<g xmlns=\"{SVG}\"/>"))]),
            ("<svg>\n<g>\n</svg>".to_owned(), vec![("not-xml", "</svg>".to_owned())]),
            (String::new(), vec![("not-xml", String::new())]),
        ];
        for (text, want) in rows {
            let want: Vec<_> = want.iter().map(|(code, place)| (*code, place.as_str())).collect();
            assert_eq!(found(&text), want, "{text}");
        }
    }

    #[test]
    fn large_logos() {
        let content = |count| format!("<title>{}</title>", "a".repeat(count));
        let bare = logo("baseProfile=\"tiny-ps\"", &content(0)).len();
        let of = |octets: usize| logo("baseProfile=\"tiny-ps\"", &content(octets - bare));
        assert_eq!(faults(&of(OCTETS_MAX)), []);
        assert_eq!(faults(&of(OCTETS_MAX + 1)), [Fault::new(LARGE, 0, 0)]);
    }

    /// Entities that double each other, elements within elements: nothing grows or overflows.
    #[test]
    fn hostile_files_end() {
        let doubling: String = (1..40).map(|n| format!("<!ENTITY e{n} \"&e{};&e{};\">", n - 1, n - 1)).collect();
        let bomb = format!("<!DOCTYPE svg [<!ENTITY e0 \"x\">{doubling}]><svg>&e39;</svg>");
        for text in [bomb, "<g>".repeat(21_000), "<a b=\"\" ".repeat(6_000), "&".repeat(60_000), "<!--".repeat(15_000)]
        {
            assert!(faults(&text).len() <= FAULTS_MAX);
        }
    }
}
