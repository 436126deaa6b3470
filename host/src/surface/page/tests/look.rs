//! Colours and logos.

use super::KEY;
use crate::store::records::TenantRow;
use crate::surface::page::look::{self, Brand, Colour};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

#[test]
fn a_colour_is_six_digits_and_nothing_else() {
    assert_eq!(Colour::parse("#1F5fBf").map(Colour::path).as_deref(), Some("/connect/colour/1f5fbf.css"));
    assert_eq!(Colour::parse("1f5fbf").unwrap().style(), ":root { --accent: #1f5fbf; --on-accent: #ffffff; }\n");
    for text in ["", "#", "#fff", "red", "#1f5fbg", "#+1f5fb", "##1f5fb", "#1f5fbf;", "1f5fbf}", "#é0000"] {
        assert_eq!(Colour::parse(text), None, "{text}");
    }
}

#[test]
fn text_on_every_colour_can_be_read() {
    let steps = || (0..=255u32).step_by(15);
    for (red, green, blue) in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b)))) {
        let colour = Colour::parse(&format!("#{red:02x}{green:02x}{blue:02x}")).unwrap();
        let other = Colour::parse(colour.text()).unwrap().luminance();
        let (light, dark) = (colour.luminance().max(other), colour.luminance().min(other));
        let contrast = (light + 0.05) / (dark + 0.05);
        assert!(contrast >= 4.5, "{colour:?}: {contrast}");
    }
}

#[test]
fn a_logo_is_a_picture_and_no_document() {
    assert_eq!(look::picture(PNG), Some("image/png"));
    assert_eq!(look::picture(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
    assert_eq!(look::picture(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
    for bytes in [&b""[..], b"<svg onload=alert(1)>", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"<html>"] {
        assert_eq!(look::picture(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_logos_address_is_signed_and_changes_with_it() {
    let mark = look::mark(&KEY, "app", PNG);
    assert_ne!(mark, look::mark(&[8; 32], "app", PNG));
    assert_ne!(mark, look::mark(&KEY, "ap", PNG));
    assert_ne!(mark, look::mark(&KEY, "app", b"\x89PNG\r\n\x1a\nother"));
}

#[test]
fn a_brand_is_what_can_be_shown_of_a_tenant() {
    let tenant = TenantRow {
        id: "app".to_owned(),
        name: "App\u{202e}X\n".to_owned(),
        logo: Some(PNG.to_vec()),
        colour: Some("#1f5fbf".to_owned()),
        ..TenantRow::default()
    };
    let brand = Brand::of(&KEY, &tenant);
    assert_eq!(brand.app.as_deref(), Some("App\u{fffd}X\u{fffd}"));
    assert_eq!(brand.logo, Some(format!("/connect/logo/app/{}", look::mark(&KEY, "app", PNG))));
    assert_eq!(brand.colour.as_deref(), Some("/connect/colour/1f5fbf.css"));

    let bare = TenantRow {
        id: "app".to_owned(),
        logo: Some(b"<svg>".to_vec()),
        colour: Some("red".to_owned()),
        ..TenantRow::default()
    };
    assert_eq!(Brand::of(&KEY, &bare), Brand { app: Some("app".to_owned()), logo: None, colour: None });
}

/// Everything that the page loads is its own: nothing in its style leads elsewhere.
#[test]
fn the_style_loads_nothing() {
    for word in ["url(", "@import", "http:", "https:", "//", "expression"] {
        assert!(!look::STYLE.contains(word), "{word}");
    }
    assert!(look::STYLE.contains("prefers-color-scheme: dark") && look::STYLE.contains(":focus-visible"));
}
