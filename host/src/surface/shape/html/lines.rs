//! Lays text out as it is read: in lines, with single spaces.

use crate::surface::shape::invisible::visible;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 38] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tr",
    "ul",
];

/// The most line ends between two texts: one empty line.
const BREAKS: usize = 2;

/// Text that is being laid out.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    breaks: usize,
    space: bool,
    item: bool,
}

impl Lines {
    /// Comes to an element.
    pub(super) fn open(&mut self, name: &str) {
        match name {
            "br" => self.breaks = BREAKS.min(self.breaks + 1),
            "td" | "th" => self.space = true,
            _ if BLOCKS.contains(&name) => self.breaks = self.breaks.max(1),
            _ => {}
        }
        self.item |= name == "li";
    }

    /// Leaves an element.
    pub(super) fn close(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.breaks = self.breaks.max(1);
            self.item = false;
        }
    }

    /// Adds text that is seen.
    pub(super) fn text(&mut self, text: &str, keeps_lines: bool) {
        for letter in visible(text).chars() {
            match letter {
                '\n' if keeps_lines => self.breaks = BREAKS.min(self.breaks + 1),
                letter if letter.is_whitespace() => self.space = true,
                letter => self.letter(letter),
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if !self.text.is_empty() {
            match self.breaks {
                0 if self.space => self.text.push(' '),
                breaks => self.text.extend(std::iter::repeat_n('\n', breaks)),
            }
        }
        if std::mem::take(&mut self.item) {
            self.text.push_str("- ");
        }
        (self.breaks, self.space) = (0, false);
        self.text.push(letter);
    }

    /// The text.
    pub(super) fn done(self) -> String {
        self.text
    }
}
