//! HTML that customers wrote as the text that a person sees of it. What is hidden from people is hidden from models.
//!
//! - `limit` says how much of it is parsed, since parsing can be made to take long; `Reader` counts what it took.
//! - `style` reads declarations, `colour` colours, and `rules` the style sheets that hide by class.
//! - `look` is how a person sees an element, within those around it; `lines` lays the text out.

mod colour;
mod limit;
mod lines;
mod look;
mod rules;
mod style;
#[cfg(test)]
mod tests;

use scraper::{ElementRef, Html, Node};

use self::lines::Lines;
use self::look::Look;
use self::rules::Rules;

/// How much the parsing for one answer may cost, in steps of some nanoseconds: about a quarter of a second.
const WORK: usize = 30_000_000;

/// Elements by which HTML is told from other text, in which `<` may stand too, as in `Sarah <sarah@acme.example>`.
const TELLING: [&str; 24] = [
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "head",
    "html",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "script",
    "span",
    "strong",
    "style",
    "table",
    "ul",
];

/// Whether a text is HTML.
pub(super) fn is(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
        let tag = text[at + 1..].trim_start_matches('/');
        let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end];
        let ends = tag[end..].starts_with(['>', '/', ' ', '\n', '\t', '\r', '\u{c}']);
        tag.starts_with("!--") || ends && TELLING.iter().any(|telling| telling.eq_ignore_ascii_case(name))
    })
}

/// Reads the HTML of one answer.
pub(super) struct Reader {
    left: usize,
}

/// What a person sees.
pub(super) struct Seen {
    /// The text.
    pub(super) text: String,
    /// How much of the HTML was not read, in characters.
    pub(super) unread: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self { left: WORK }
    }
}

impl Reader {
    /// The text that a person sees of HTML.
    pub(super) fn read(&mut self, html: &str) -> Seen {
        let read = if self.left > 0 { limit::readable(html) } else { "" };
        let document = Html::parse_document(read);
        let rules = Rules::of(&document);
        let mut page = Page { rules, looks: vec![Look::default()], lines: Lines::default(), deepest: 0, work: 0 };
        let mut at = Some(document.tree.root());
        while let Some(node) = at {
            page.open(node.value(), ElementRef::wrap(node));
            at = node.first_child();
            let mut left = node;
            while at.is_none() {
                page.close(left.value());
                at = left.next_sibling();
                match left.parent() {
                    Some(parent) if at.is_none() => left = parent,
                    _ => break,
                }
            }
        }
        let tags = memchr::memchr_iter(b'<', read.as_bytes()).count();
        self.left = self.left.saturating_sub(read.len() + tags * page.deepest + page.work);
        Seen { text: page.lines.done(), unread: html[read.len()..].chars().count() }
    }
}

/// One walk over a document.
struct Page {
    rules: Rules,
    looks: Vec<Look>,
    lines: Lines,
    /// How many elements were around one at most.
    deepest: usize,
    /// What attributes and rules took.
    work: usize,
}

impl Page {
    /// Comes to a node.
    fn open(&mut self, node: &Node, element: Option<ElementRef<'_>>) {
        let above = self.looks.last().cloned().unwrap_or_default();
        match (node, element) {
            (Node::Text(text), _) if above.seen() => self.lines.text(text, above.keeps_lines()),
            (Node::Element(value), Some(element)) => {
                let look = if above.gone() { above } else { above.within(value, self.rules.about(element)) };
                if !look.gone() {
                    self.lines.open(value.name());
                }
                self.looks.push(look);
                self.deepest = self.deepest.max(self.looks.len());
                self.work += value.attrs.len().pow(2) + self.rules.count() * self.looks.len();
            }
            _ => {}
        }
    }

    /// Leaves a node.
    fn close(&mut self, node: &Node) {
        if let Node::Element(element) = node
            && self.looks.pop().is_some_and(|look| !look.gone())
        {
            self.lines.close(element.name());
        }
    }
}
