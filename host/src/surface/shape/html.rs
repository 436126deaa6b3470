//! HTML that customers wrote, as the text that a person sees of it. What is hidden from people is hidden from models.

use scraper::node::Element;
use scraper::{Html, Node};

use super::invisible::folded;
use super::limit::Limit;
use super::style::Look;

/// Deepest nesting that is followed: mail programs nest quotations some dozens deep.
const DEEPEST: usize = 256;

/// Elements of which nothing is text to read.
const UNREAD: [&str; 20] = [
    "script", "style", "template", "head", "title", "iframe", "object", "embed", "svg", "math", "canvas", "audio",
    "video", "noscript", "noembed", "noframes", "select", "textarea", "button", "dialog",
];

/// Elements that stand on lines of their own.
const LINES: [&str; 24] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "tr",
    "ul",
];

/// Whether a field holds HTML: by its name, or because a tag or a comment is in it.
pub(super) fn is(name: &str, text: &str) -> bool {
    let begins = |next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
    let tag = |at: usize| text[at + 1..].starts_with(begins) && text[at..].contains('>');
    matches!(name, "description" | "body" | "signature") || text.match_indices('<').take(100).any(|(at, _)| tag(at))
}

/// Reads the HTML of one answer, as far as that may take.
#[derive(Default)]
pub(super) struct Reader(Limit);

impl Reader {
    /// The text that a person sees of HTML.
    pub(super) fn read(&mut self, html: &str) -> String {
        let readable = self.0.readable(html);
        let document = Html::parse_document(readable);
        let hiding = Hiding::of(&document);
        let mut lines = Lines::default();
        // Nodes to visit, each with the look and the depth that it is in; or the end of a line.
        let mut ahead = vec![Some((document.tree.root(), Look::default(), 0))];
        while let Some(next) = ahead.pop() {
            let Some((node, look, depth)) = next else {
                lines.next();
                continue;
            };
            let look = match node.value() {
                Node::Text(text) if look.seen() => {
                    lines.text(text);
                    continue;
                }
                Node::Element(element) => look_of(element, look, &hiding),
                Node::Text(_) | Node::Comment(_) | Node::ProcessingInstruction(_) | Node::Doctype(_) => continue,
                _ => look,
            };
            if look.gone() || depth > DEEPEST {
                continue;
            }
            if let Node::Element(element) = node.value() {
                if LINES.contains(&element.name()) {
                    lines.next();
                    ahead.push(None);
                } else if matches!(element.name(), "td" | "th") {
                    lines.text(" ");
                }
            }
            let first = ahead.len();
            ahead.extend(node.children().map(|child| Some((child, look, depth + 1))));
            ahead[first..].reverse();
        }
        let mut text = lines.done();
        if readable.len() < html.len() {
            text += "… (more was not read)";
        }
        text
    }
}

/// The look of an element within one of this look.
fn look_of(element: &Element, look: Look, hiding: &Hiding) -> Look {
    let hidden = UNREAD.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || hiding.hides(element);
    if hidden {
        return look.away();
    }
    let look = element.attr("bgcolor").map_or(look, |colour| look.with(&format!("background:{colour}")));
    let look = element.attr("color").map_or(look, |colour| look.with(&format!("color:{colour}")));
    element.attr("style").map_or(look, |style| look.with(style))
}

/// Classes, ids and elements that style sheets hide.
struct Hiding(Vec<String>);

impl Hiding {
    /// Reads the rules for one class, id or element; others are not understood.
    fn of(document: &Html) -> Self {
        let mut hidden = Vec::new();
        for node in document.tree.nodes() {
            let Some(text) = node.value().as_text() else { continue };
            let style =
                node.parent().and_then(|parent| parent.value().as_element()).is_some_and(|of| of.name() == "style");
            if style {
                for rule in text.split('}') {
                    let Some((selectors, declarations)) = rule.rsplit_once('{') else { continue };
                    if !Look::default().with(declarations).seen() {
                        let selectors = selectors.rsplit('{').next().unwrap_or_default().split(',');
                        hidden.extend(selectors.map(|selector| selector.trim().to_owned()));
                    }
                }
            }
        }
        Self(hidden)
    }

    fn hides(&self, element: &Element) -> bool {
        let name = element.name();
        let is = |selector: &String| {
            let (of, rest) = selector.split_at(selector.find(['.', '#']).unwrap_or(selector.len()));
            let fits = match rest.split_at_checked(1) {
                Some((".", class)) => element.classes().any(|own| own == class),
                Some(("#", id)) => element.id() == Some(id),
                _ => !of.is_empty(),
            };
            fits && (of.is_empty() || of == "*" || of == name) && (!rest.is_empty() || !of.is_empty())
        };
        self.0.iter().any(is)
    }
}

/// Text as lines, with the white space as it is seen.
#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
}

impl Lines {
    fn text(&mut self, text: &str) {
        self.line += text;
    }

    /// Begins a line, unless nothing is on this one.
    fn next(&mut self) {
        let line = folded(&std::mem::take(&mut self.line));
        if !line.is_empty() {
            self.done.push(line);
        }
    }

    fn done(mut self) -> String {
        self.next();
        self.done.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> String {
        Reader::default().read(html)
    }

    #[test]
    fn html_is_read_as_a_person_sees_it() {
        let html = "<div>Hello,<br>since I reset  my <b>pass</b>word &amp; more<p>Sarah</p><table><tr><td>a</td><td>b</td></tr></table></div>";
        assert_eq!(read(html), "Hello,\nsince I reset my password & more\nSarah\na b");
        assert_eq!(read("no < tags > here"), "no < tags > here");
    }

    #[test]
    fn what_is_hidden_from_people_is_not_read() {
        for html in [
            "<script>evil()</script>",
            "<style>.x{color:red}</style>",
            "<!-- evil -->",
            "<div style='display:none'>evil</div>",
            "<p hidden>evil</p>",
            "<span aria-hidden=TRUE>evil</span>",
            "<style>.a, p.b{display:none}</style><p class='z b'>evil</p>",
            "<style>#c { font-size:0 }</style><i id=c>evil</i>",
            "<font color=white>evil</font>",
            "<span style=color:#fff>evil</span>",
            "<table bgcolor=#000000><tr><td style=color:black>evil</table>",
            "<iframe srcdoc=evil>evil</iframe>",
            "<template>evil</template>",
            "<svg><text>evil</text></svg>",
            "<div style='visibility:hidden'><b>evil</b></div>",
            "<img alt=evil>",
            "<textarea>evil</textarea>",
            "<math><mtext>evil</mtext></math>",
            "<noscript>evil</noscript>",
            "<style>@media all { .d { display: none } }</style><u class=d>evil</u>",
        ] {
            assert_eq!(read(&format!("<div>seen {html}</div>")), "seen", "{html}");
        }
    }

    #[test]
    fn light_text_on_a_dark_ground_is_read() {
        assert_eq!(read("<table bgcolor='#123456'><tr><td style='color:#fff'>Hello</td></tr></table>"), "Hello");
    }

    #[test]
    fn html_that_takes_long_is_read_to_a_bound() {
        let begun = std::time::Instant::now();
        let formats: String = (0..5000).map(|id| format!("<p><b id={id}></p>")).collect();
        let attributes: String = (0..50_000).map(|id| format!("a{id}=1 ")).collect();
        for slow in ["<div>".repeat(100_000), formats, format!("<p {attributes}>"), "<a><table>".repeat(20_000)] {
            assert!(read(&format!("top{slow}end")).ends_with("… (more was not read)"));
        }
        assert_eq!(read(&format!("top{}deep", "<div>".repeat(400))), "top");
        assert!(read(&"x ".repeat(1 << 20)).ends_with("… (more was not read)"));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
