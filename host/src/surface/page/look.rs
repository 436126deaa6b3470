//! What the page looks like: its style, and its tenant's name, colour and logo.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::guard::{self, Key};
use crate::error::harmless;
use crate::store::records::TenantRow;

/// The style of all pages.
pub(super) const STYLE: &str = include_str!("../../../templates/style.css");

/// The sign that browsers show beside the title.
pub(super) const ICON: &str = include_str!("../../../templates/icon.svg");

/// Where the style is, by what is in it.
pub(in crate::surface) static STYLE_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/connect/style-{}.css", hash(STYLE.as_bytes())));

/// Where the sign is.
pub(in crate::surface) static ICON_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/connect/icon-{}.svg", hash(ICON.as_bytes())));

/// Longest name on the page, in characters.
const LONGEST_NAME: usize = 100;

/// Twelve characters that stand for these bytes.
pub(in crate::surface) fn hash(bytes: &[u8]) -> String {
    guard::text(&Sha256::digest(bytes)[..9])
}

/// A name that others chose, as the page shows it.
pub(super) fn name(text: &str) -> String {
    harmless(text, LONGEST_NAME)
}

/// A tenant's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour([u8; 3]);

impl Colour {
    /// Reads `rrggbb`, with or without the sign in front. Nothing else is a colour: it becomes part of a style.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Where the style of this colour is.
    pub(super) fn path(self) -> String {
        format!("/connect/colour/{}.css", self.digits())
    }

    /// The style of this colour: what is filled with it, and text on that.
    pub(super) fn style(self) -> String {
        format!(":root {{ --accent: #{}; --on-accent: {}; }}\n", self.digits(), self.text())
    }

    /// Black or white, whichever is easier to read on it: with the better one the contrast is 4.58 to 1 or more.
    pub(super) fn text(self) -> &'static str {
        // Where the contrast to both is the same: (1.05 / (l + 0.05) = (l + 0.05) / 0.05.
        if self.luminance() > 0.179_129 { "#000000" } else { "#ffffff" }
    }

    /// Relative luminance, as WCAG 2 defines it.
    pub(super) fn luminance(self) -> f64 {
        let linear = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }
}

/// What kind of picture this is, by its first bytes. SVG is none of them: it is a document.
pub(super) fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// What stands for this logo in its address. It is signed, so that nobody can ask which tenants there are.
pub(super) fn mark(key: &Key, tenant: &str, logo: &[u8]) -> String {
    guard::text(&guard::sign(key, "page logo", &[tenant.as_bytes(), logo])[..18])
}

/// How a tenant presents itself. Without one, the page is plain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Brand {
    pub(super) app: Option<String>,
    pub(super) logo: Option<String>,
    pub(super) colour: Option<String>,
}

impl Brand {
    pub(super) fn of(key: &Key, tenant: &TenantRow) -> Self {
        let logo = tenant.logo.as_deref().filter(|logo| picture(logo).is_some());
        Self {
            app: Some(name(if tenant.name.trim().is_empty() { &tenant.id } else { &tenant.name })),
            logo: logo.map(|logo| format!("/connect/logo/{}/{}", tenant.id, mark(key, &tenant.id, logo))),
            colour: tenant.colour.as_deref().and_then(Colour::parse).map(Colour::path),
        }
    }
}

/// What all templates are given.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) brand: Brand,
    pub(super) style: &'static str,
    pub(super) icon: &'static str,
}

impl Look {
    pub(super) fn new(brand: Brand) -> Self {
        Self { brand, style: &STYLE_PATH, icon: &ICON_PATH }
    }

    /// The tenant, as sentences name it.
    pub(super) fn app(&self) -> &str {
        self.brand.app.as_deref().unwrap_or("the application")
    }
}
