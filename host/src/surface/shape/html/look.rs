//! How a person sees an element, within those around it.

use scraper::node::Element;

use super::colour::Colour;
use super::style::Style;

/// Elements of which nothing is read as text.
const UNREAD: [&str; 23] = [
    "applet", "audio", "canvas", "datalist", "embed", "head", "iframe", "math", "meter", "noembed", "noframes",
    "noscript", "object", "progress", "rp", "script", "select", "style", "svg", "template", "textarea", "title",
    "video",
];

/// How an element is seen.
#[derive(Clone, Debug)]
pub(super) struct Look {
    gone: bool,
    visible: bool,
    tiny: bool,
    keeps_lines: bool,
    colour: Option<Colour>,
    behind: Option<Colour>,
}

impl Default for Look {
    /// A page: dark on white.
    fn default() -> Self {
        Self { gone: false, visible: true, tiny: false, keeps_lines: false, colour: None, behind: Some(Colour::WHITE) }
    }
}

impl Look {
    /// Whether text of this look is seen. Where its colour or the one behind it is not known, it is.
    pub(super) fn seen(&self) -> bool {
        let apart = || match (&self.colour, &self.behind) {
            (Some(colour), Some(behind)) => colour.seen_on(behind),
            (Some(colour), None) => *colour != Colour::Transparent,
            _ => true,
        };
        !self.gone && self.visible && !self.tiny && apart()
    }

    /// Whether nothing in it can be seen either.
    pub(super) fn gone(&self) -> bool {
        self.gone
    }

    /// Whether the lines of its text are those of its source.
    pub(super) fn keeps_lines(&self) -> bool {
        self.keeps_lines
    }

    /// The look of an element in one of this look, with what style sheets say about it.
    pub(super) fn within(mut self, element: &Element, rule: Option<&Style>) -> Self {
        self.keeps_lines |= matches!(element.name(), "pre" | "xmp" | "listing" | "plaintext");
        self.gone |= UNREAD.contains(&element.name());
        let mut styled = None;
        let mut open = element.name() != "dialog";
        for (name, value) in element.attrs() {
            match name {
                "hidden" => self.gone = true,
                "aria-hidden" => self.gone |= value.trim().eq_ignore_ascii_case("true"),
                "open" => open = true,
                "bgcolor" => self.behind = Colour::read(&value.trim().to_ascii_lowercase()).or(self.behind),
                "background" => self.behind = None,
                "color" | "text" => self.colour = Colour::read(&value.trim().to_ascii_lowercase()).or(self.colour),
                "style" => styled = Some(Style::read(value)),
                _ => {}
            }
        }
        self.gone |= !open;
        rule.into_iter().chain(styled.as_ref()).fold(self, Self::with)
    }

    /// The look after some declarations.
    fn with(self, style: &Style) -> Self {
        Self {
            gone: self.gone || style.gone,
            visible: style.visible.unwrap_or(self.visible),
            tiny: style.tiny.unwrap_or(self.tiny),
            keeps_lines: self.keeps_lines,
            colour: style.colour.clone().or(self.colour),
            behind: style.behind.clone().unwrap_or(self.behind),
        }
    }
}
