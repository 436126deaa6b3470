//! What a style says about whether its element is seen.

/// A colour, without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(u8, u8, u8);

/// How far apart text and background have to be in one of red, green and blue to be told apart.
const APART: u8 = 32;

/// How text looks, after its element and those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// None where it is not known.
    colour: Option<Colour>,
    background: Option<Colour>,
    gone: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: Some(Colour(0, 0, 0)), background: Some(Colour(255, 255, 255)), gone: false }
    }
}

impl Look {
    /// Whether a person sees text that looks so.
    pub(super) fn seen(self) -> bool {
        let apart = |Colour(r, g, b): Colour, Colour(x, y, z): Colour| {
            r.abs_diff(x).max(g.abs_diff(y)).max(b.abs_diff(z)) >= APART
        };
        !self.gone && self.colour.zip(self.background).is_none_or(|(colour, background)| apart(colour, background))
    }

    /// Whether nothing within it can be seen any more.
    pub(super) fn gone(self) -> bool {
        self.gone
    }

    /// The look of what is hidden.
    pub(super) fn away(self) -> Self {
        Self { gone: true, ..self }
    }

    /// The look after these declarations: `color: red; font-size: 0`.
    pub(super) fn with(mut self, declarations: &str) -> Self {
        let lower = declarations.to_ascii_lowercase();
        let pairs: Vec<(&str, &str)> = lower.split(';').filter_map(|pair| pair.split_once(':')).collect();
        let clipped =
            pairs.iter().any(|(name, value)| name.trim().starts_with("overflow") && !value.contains("visible"));
        for (name, value) in pairs {
            let value = value.trim().trim_end_matches("!important").trim();
            self.gone |= match name.trim() {
                "display" => value == "none",
                "visibility" => matches!(value, "hidden" | "collapse"),
                "content-visibility" => value == "hidden",
                "mso-hide" => value == "all",
                "opacity" => {
                    number(value).is_some_and(|opacity| opacity < if value.ends_with('%') { 10.0 } else { 0.1 })
                }
                "font-size" => number(value).is_some_and(|size| size < if value.ends_with("em") { 0.2 } else { 3.0 }),
                "width" | "height" | "max-width" | "max-height" => {
                    clipped && number(value).is_some_and(|size| size < 2.0)
                }
                "left" | "top" | "right" | "bottom" | "text-indent" | "margin-left" | "margin-top" => {
                    number(value).is_some_and(|place| place <= -300.0)
                }
                "clip" => value.replace([' ', ','], "").starts_with("rect(0"),
                "clip-path" => {
                    value.contains("inset(50%") || value.contains("inset(100%") || value.contains("circle(0")
                }
                "transform" => {
                    value.replace(' ', "").contains("scale(0)") || value.contains("translate") && value.contains("-9")
                }
                "color" => {
                    self.colour = colour(value);
                    transparent(value)
                }
                "background" | "background-color" => {
                    self.background =
                        if transparent(value) || value == "none" { self.background } else { colour(value) };
                    false
                }
                _ => false,
            };
        }
        self
    }
}

/// The number that a value begins with.
fn number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(value.len());
    value[..end].parse().ok()
}

fn transparent(value: &str) -> bool {
    let value = value.replace(' ', "");
    let alpha = value.strip_prefix("rgba(").or_else(|| value.strip_prefix("hsla("));
    let alpha = alpha.and_then(|rest| rest.trim_end_matches(')').rsplit(',').next()?.parse::<f64>().ok());
    value == "transparent" || alpha.is_some_and(|alpha| alpha < 0.1)
}

/// The colour of a value; none where it is of another form.
pub(super) fn colour(value: &str) -> Option<Colour> {
    let value = value.trim();
    if let Some(digits) = value.strip_prefix('#') {
        let digit = |at: usize| u8::from_str_radix(digits.get(at..=at)?, 16).ok();
        return match digits.len() {
            3 | 4 => Some(Colour(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
            6 | 8 => {
                let pair = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
                Some(Colour(pair(0)?, pair(2)?, pair(4)?))
            }
            _ => None,
        };
    }
    if let Some(parts) = value.strip_prefix("rgb(").or_else(|| value.strip_prefix("rgba(")) {
        let mut parts = parts.trim_end_matches(')').split([',', ' ', '/']).filter(|part| !part.is_empty());
        let mut part = || parts.next()?.parse::<f64>().ok().map(|part| part as u8);
        return Some(Colour(part()?, part()?, part()?));
    }
    match value {
        "white" | "snow" | "ivory" | "ghostwhite" | "floralwhite" => Some(Colour(255, 255, 255)),
        "whitesmoke" => Some(Colour(245, 245, 245)),
        "black" => Some(Colour(0, 0, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(style: &str) -> bool {
        Look::default().with(style).seen()
    }

    #[test]
    fn what_hides_is_known() {
        for style in [
            "display:none",
            "DISPLAY : None !important",
            "visibility: hidden",
            "opacity:0",
            "font-size:0px",
            "font-size: 1px",
            "max-height:0;overflow:hidden",
            "position:absolute;left:-9999px",
            "text-indent:-9999px",
            "color:#fff",
            "color: white",
            "color:#fefefe;background:#fff",
            "color:rgba(0,0,0,0)",
            "color: transparent",
            "mso-hide:all",
            "clip:rect(0, 0, 0, 0)",
            "background:#000;color:rgb(5, 5, 5)",
            "background:black",
        ] {
            assert!(!seen(style), "{style}");
        }
    }

    #[test]
    fn what_is_usual_in_mails_is_seen() {
        for style in [
            "",
            "color:#333",
            "color:#fff;background-color:#1f6feb",
            "font-size:11px",
            "display:block",
            "opacity:0.8",
            "height:0",
            "margin-left:-20px",
            "color:red",
            "background:url(x)",
            "line-height:0",
            "max-width:600px;overflow:hidden",
            "font-size:0.9em",
        ] {
            assert!(seen(style), "{style}");
        }
        assert!(Look::default().with("background:#111").with("color:white").seen());
    }
}
