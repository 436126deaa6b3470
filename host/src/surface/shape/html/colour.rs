//! Colours, as far as it matters whether a text differs from what is behind it.

/// A colour.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Colour {
    /// By its parts.
    Rgb([f32; 3]),
    /// Nothing is seen of it.
    Transparent,
    /// By a name whose parts do not matter: it equals itself.
    Named(String),
}

/// How far two colours are apart, in one of their parts, for people to see a difference.
const APART: f32 = 24.0;

/// How opaque a colour is that is seen.
const OPAQUE: f32 = 0.1;

/// Names of colours that are, or are almost, white; and black.
const NAMES: [(&str, [f32; 3]); 16] = [
    ("white", [255.0, 255.0, 255.0]),
    ("snow", [255.0, 250.0, 250.0]),
    ("ivory", [255.0, 255.0, 240.0]),
    ("floralwhite", [255.0, 250.0, 240.0]),
    ("ghostwhite", [248.0, 248.0, 255.0]),
    ("whitesmoke", [245.0, 245.0, 245.0]),
    ("azure", [240.0, 255.0, 255.0]),
    ("mintcream", [245.0, 255.0, 250.0]),
    ("aliceblue", [240.0, 248.0, 255.0]),
    ("honeydew", [240.0, 255.0, 240.0]),
    ("seashell", [255.0, 245.0, 238.0]),
    ("lavenderblush", [255.0, 240.0, 245.0]),
    ("canvas", [255.0, 255.0, 255.0]),
    ("black", [0.0, 0.0, 0.0]),
    ("canvastext", [0.0, 0.0, 0.0]),
    ("red", [255.0, 0.0, 0.0]),
];

impl Colour {
    /// What a page is written on.
    pub(super) const WHITE: Self = Self::Rgb([255.0, 255.0, 255.0]);

    /// Reads a colour in lower case: a name, `#fff`, `rgb(…)` or `hsl(…)`.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            return hex(digits);
        }
        match text.split_once('(') {
            Some((function, parts)) => function_of(function, parts.trim_end_matches(')')),
            None if text == "transparent" => Some(Self::Transparent),
            None => match NAMES.iter().find(|(name, _)| *name == text) {
                Some((_, parts)) => Some(Self::Rgb(*parts)),
                None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                    Some(Self::Named(text.to_owned()))
                }
                None => None,
            },
        }
    }

    /// Whether a text of this colour is seen on another.
    pub(super) fn seen_on(&self, behind: &Self) -> bool {
        match (self, behind) {
            (Self::Transparent, _) => false,
            (Self::Rgb(one), Self::Rgb(other)) => one.iter().zip(other).any(|(a, b)| (a - b).abs() >= APART),
            (one, other) => one != other,
        }
    }
}

/// A colour by its hexadecimal digits.
fn hex(digits: &str) -> Option<Colour> {
    let values: Option<Vec<_>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
    let values: Vec<f32> = values?.into_iter().map(|value| value as f32).collect();
    let parts: Vec<f32> = match values.len() {
        3 | 4 => values.iter().map(|value| value * 17.0).collect(),
        6 | 8 => values.chunks(2).map(|pair| pair[0] * 16.0 + pair[1]).collect(),
        _ => return None,
    };
    parted([parts[0], parts[1], parts[2]], parts.get(3).map_or(1.0, |alpha| alpha / 255.0))
}

/// A colour by a function of its parts.
fn function_of(function: &str, parts: &str) -> Option<Colour> {
    let parts: Vec<_> = parts.split([',', ' ', '/']).filter(|part| !part.is_empty()).collect();
    let number = |at: usize, whole: f32| part(parts.get(at)?, whole);
    let alpha = number(3, 1.0).unwrap_or(1.0);
    match function {
        "rgb" | "rgba" => parted([number(0, 255.0)?, number(1, 255.0)?, number(2, 255.0)?], alpha),
        "hsl" | "hsla" => parted(hsl(number(0, 360.0)?, number(1, 1.0)?, number(2, 1.0)?), alpha),
        _ => None,
    }
}

/// A part of a colour, which may be a share of the whole.
fn part(text: &str, whole: f32) -> Option<f32> {
    match text.strip_suffix('%') {
        Some(share) => Some(share.parse::<f32>().ok()? / 100.0 * whole),
        None => text.trim_end_matches("deg").parse().ok(),
    }
}

/// The parts of a colour that is given by hue, saturation and lightness.
fn hsl(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    [0.0, 8.0, 4.0].map(|shift| {
        let k = (shift + hue / 30.0).rem_euclid(12.0);
        let swing = saturation * lightness.min(1.0 - lightness);
        255.0 * (lightness - swing * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
    })
}

/// A colour of these parts, unless it is seen through.
fn parted(parts: [f32; 3], alpha: f32) -> Option<Colour> {
    Some(if alpha <= OPAQUE { Colour::Transparent } else { Colour::Rgb(parts) })
}
