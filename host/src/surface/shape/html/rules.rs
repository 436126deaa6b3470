//! Style sheets within HTML, as far as they hide elements by name, class or attribute.

use scraper::{ElementRef, Html, Selector};

use super::style::Style;

/// The most style that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// The most selectors of rules that hide something.
const SELECTORS: usize = 32;

/// The longest selector that is read, in bytes, and its parts: an element, and where it is.
const SELECTOR: usize = 100;
const PARTS: usize = 4;

/// The rules of a document that hide something.
#[derive(Default)]
pub(super) struct Rules(Vec<(Selector, Style)>);

impl Rules {
    /// Reads the style sheets of a document.
    pub(super) fn of(document: &Html) -> Self {
        let mut rules = Self::default();
        let Ok(sheets) = Selector::parse("style") else { return rules };
        let sheets: String = document.select(&sheets).flat_map(|sheet| sheet.text()).collect();
        rules.read(&uncommented(&sheets[..sheets.floor_char_boundary(LONGEST)]));
        rules
    }

    /// What the rules say about an element.
    pub(super) fn about(&self, element: ElementRef<'_>) -> Option<&Style> {
        let about = self.0.iter().filter(|(selector, _)| selector.matches(&element)).map(|(_, style)| style);
        about.max_by_key(|style| style.gone)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes rules in. Those for some screens or for paper alone do not count.
    fn read(&mut self, mut sheet: &str) {
        while let Some((head, after)) = sheet.split_once('{') {
            let head = head.rsplit([';', '}']).next().unwrap_or_default().trim();
            let Some(at) = head.strip_prefix('@').map(str::to_ascii_lowercase) else {
                let (body, rest) = after.split_once('}').unwrap_or((after, ""));
                self.rule(head, body);
                sheet = rest;
                continue;
            };
            // What is within is read as if it stood alone; its last brace ends nothing.
            let all = match at.strip_prefix("media") {
                Some(media) => !media.contains("print") && !media.contains('('),
                None => ["supports", "layer", "container", "scope"].iter().any(|name| at.starts_with(name)),
            };
            sheet = if all { after } else { skipped(after) };
        }
    }

    /// Takes one rule in, if it hides what it is about. Its colours do not count: what is behind the text is not known.
    fn rule(&mut self, selectors: &str, body: &str) {
        let said = Style::read(body);
        let hides = said.gone || said.visible == Some(false) || said.tiny == Some(true);
        if !hides {
            return;
        }
        let style = Style { colour: None, behind: None, ..said };
        for selector in selectors.split(',').map(str::trim) {
            let parts = selector.split([' ', '>', '\n', '\t']).count();
            let simple = selector.len() <= SELECTOR && parts <= PARTS && !selector.contains([':', '+', '~']);
            if simple
                && self.0.len() < SELECTORS
                && let Ok(selector) = Selector::parse(selector)
            {
                self.0.push((selector, style.clone()));
            }
        }
    }
}

/// A style sheet without its comments.
fn uncommented(sheet: &str) -> String {
    let mut kept = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.replace("<!--", "").replace("-->", "") + rest
}

/// What follows a block.
fn skipped(block: &str) -> &str {
    let mut open = 1;
    let end = block.find(|letter| {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        open == 0
    });
    end.and_then(|end| block.get(end + 1..)).unwrap_or_default()
}
