//! Declarations of style, as far as they decide whether a text is seen.

use super::colour::Colour;

/// What declarations say. What they do not say is inherited, or as it is without them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Style {
    /// Neither the element is seen nor what is in it.
    pub(super) gone: bool,
    /// Whether it is seen where what is around it is not; elements in it may say otherwise.
    pub(super) visible: Option<bool>,
    /// Whether its letters are too small to be seen; elements in it may say otherwise.
    pub(super) tiny: Option<bool>,
    /// The colour of its text.
    pub(super) colour: Option<Colour>,
    /// What is behind its text: a colour, or none where that cannot be known.
    pub(super) behind: Option<Option<Colour>>,
}

/// The largest letters that are too small to be seen, in pixels.
const TINY: f32 = 2.0;

/// How far away from the page a text is not seen, in pixels.
const FAR: f32 = 900.0;

/// The longest declarations that are read, in bytes. They are those of one element, or of one rule.
const LONGEST: usize = 4096;

impl Style {
    /// Reads declarations such as `color: red; display: none`.
    pub(super) fn read(text: &str) -> Self {
        let mut style = Self::default();
        for declaration in plain(&text[..text.floor_char_boundary(LONGEST)]).split(';') {
            if let Some((name, value)) = declaration.split_once(':') {
                style.declare(name.trim(), value.trim().trim_end_matches("!important").trim());
            }
        }
        style
    }

    /// Takes one declaration in.
    fn declare(&mut self, name: &str, value: &str) {
        let first = value.split_whitespace().next().unwrap_or_default();
        self.gone |= match name {
            "display" => first == "none",
            "mso-hide" => first == "all",
            "content-visibility" => first == "hidden",
            "opacity" => number(first).is_some_and(|opacity| opacity <= 0.1),
            "filter" => value.contains("opacity(0"),
            "width" | "height" | "max-width" | "max-height" => pixels(first).is_some_and(|size| size.abs() <= 1.0),
            "left" | "right" | "top" | "bottom" | "text-indent" | "margin-left" | "margin-top" | "inset" => far(first),
            "margin" => value.split_whitespace().any(far),
            "transform" => {
                ["scale(0", "scalex(0", "scaley(0", "scale3d(0"].iter().any(|zero| scaled(value, zero)) || moved(value)
            }
            "clip" => {
                value.starts_with("rect(")
                    && value.contains('0')
                    && !value.contains(|digit: char| ('2'..='9').contains(&digit))
            }
            "clip-path" => ["inset(50%", "inset(100%", "circle(0"].iter().any(|shape| value.starts_with(shape)),
            _ => false,
        };
        match name {
            "visibility" => self.visible = Some(first == "visible"),
            "font-size" => self.tiny = tiny(first).or(self.tiny),
            "font" => self.tiny = value.split([' ', '/']).find_map(tiny).or(self.tiny),
            "color" | "-webkit-text-fill-color" => self.colour = Colour::read(&joined(value)).or(self.colour.take()),
            "background-color" | "background" => self.behind = behind(value).or(self.behind.take()),
            "background-image" if first != "none" => self.behind = Some(None),
            _ => {}
        }
    }
}

/// Declarations in lower case, without comments and escapes, which could hide what they say.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '/']) {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = match (rest.as_bytes()[at], after.strip_prefix('*')) {
            (b'/', Some(comment)) => comment.split_once("*/").map_or("", |(_, after)| after),
            (b'/', None) => {
                plain.push('/');
                after
            }
            _ => escaped(after, &mut plain),
        };
    }
    plain.push_str(rest);
    plain.make_ascii_lowercase();
    plain
}

/// Adds the letter of an escape, and gives what follows it.
fn escaped<'a>(after: &'a str, to: &mut String) -> &'a str {
    let digits = after.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let (code, rest) = after.split_at(digits);
    match u32::from_str_radix(code, 16) {
        Ok(code) => {
            to.extend(char::from_u32(code));
            rest.strip_prefix([' ', '\n', '\t']).unwrap_or(rest)
        }
        Err(_) => {
            to.extend(rest.chars().next());
            rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default()
        }
    }
}

/// Whether letters of a size are too small to be seen, where the size is not a share of that around it.
fn tiny(size: &str) -> Option<bool> {
    let relative = ["em", "%", "ex", "ch"].iter().any(|unit| size.ends_with(unit)) && !size.ends_with("rem");
    match pixels(size) {
        Some(size) if size <= TINY => Some(true),
        Some(_) if relative => None,
        Some(_) => Some(false),
        None => matches!(size, "xx-small" | "x-small" | "small" | "medium" | "large" | "x-large" | "xx-large")
            .then_some(false),
    }
}

/// Whether a place is off the page.
fn far(place: &str) -> bool {
    match place.strip_suffix(['w', 'h']).and_then(|place| place.strip_suffix('v')).or(place.strip_suffix('%')) {
        Some(share) => number(share).is_some_and(|share| share <= -90.0),
        None => pixels(place).is_some_and(|pixels| pixels.abs() >= FAR),
    }
}

/// Whether something is moved off the page.
fn moved(transform: &str) -> bool {
    let places = transform.split_once("translate").map(|(_, places)| places);
    places.is_some_and(|places| places.split(['(', ',', ')', ' ']).any(far))
}

/// Whether something is made so small that it is not seen: by 0, or by 0.0, and not by 0.5.
fn scaled(transform: &str, zero: &str) -> bool {
    let after = transform.split_once(zero).map(|(_, after)| after);
    after.is_some_and(|after| after.trim_start_matches(['.', '0']).starts_with([')', ',', ' ']))
}

/// What is behind a text, by the declarations of its background.
fn behind(value: &str) -> Option<Option<Colour>> {
    if value.contains("url(") || value.contains("gradient(") {
        return Some(None);
    }
    let whole = Colour::read(&joined(value));
    let colour = whole.or_else(|| {
        value.split_whitespace().find_map(|word| match word {
            "none" | "repeat" | "scroll" | "center" | "top" | "left" | "fixed" | "inherit" | "initial" | "unset" => {
                None
            }
            word => Colour::read(word),
        })
    });
    match colour? {
        Colour::Transparent => None,
        colour => Some(Some(colour)),
    }
}

/// A value without spaces after commas, so that a function is one word.
fn joined(value: &str) -> String {
    value.replace(", ", ",")
}

/// A length in pixels.
fn pixels(length: &str) -> Option<f32> {
    let unit = length.trim_start_matches(|letter: char| matches!(letter, '0'..='9' | '.' | '-' | '+'));
    let number = number(&length[..length.len() - unit.len()])?;
    Some(
        number
            * match unit {
                "" | "px" => 1.0,
                "pt" => 1.33,
                "em" | "rem" | "pc" => 16.0,
                "%" => 0.16,
                "ex" | "ch" => 8.0,
                "in" => 96.0,
                "cm" => 37.8,
                "mm" => 3.78,
                _ => return None,
            },
    )
}

fn number(text: &str) -> Option<f32> {
    text.parse().ok()
}
