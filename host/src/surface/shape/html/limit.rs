//! How much HTML is parsed. A parser that follows the standard can be made to take the square of what it is given: by
//! elements within elements, by formatting that is never closed and is repeated in every paragraph, and by attributes.

/// The longest HTML that is parsed, in bytes. It is far more than a summary shows.
const LONGEST: usize = 256 << 10;

/// The most tags that are parsed.
const TAGS: usize = 2500;

/// The most elements that a parser may add by repeating formatting.
const REPEATED: usize = 400_000;

/// The most formatting elements that are repeated of those without attributes: three of each name, by the standard.
const BARE: usize = 3 * FORMATTING.len();

/// The most attributes of a tag, by what can stand between two of them.
const ATTRIBUTES: usize = 10_000;

/// The elements that a parser repeats. There is never more than one `a` among what it repeats.
const FORMATTING: [&str; 13] =
    ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// The beginning of a document that is parsed without doubt about the time it takes.
pub(super) fn readable(html: &str) -> &str {
    let html = &html[..html.floor_char_boundary(LONGEST)];
    let mut starts = memchr::memchr_iter(b'<', html.as_bytes()).peekable();
    let (mut tags, mut styled) = (0, BARE);
    while let Some(at) = starts.next() {
        let tag = &html[at..starts.peek().copied().unwrap_or(html.len())];
        tags += 1;
        styled += usize::from(formats(tag));
        let parts =
            tag.bytes().filter(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'"' | b'\''));
        if tags > TAGS || tags * styled > REPEATED || parts.count() > ATTRIBUTES {
            return &html[..at];
        }
    }
    html
}

/// Whether a tag opens formatting that has attributes. Without any, its name is followed by its end.
fn formats(tag: &str) -> bool {
    let name = tag.get(1..).unwrap_or_default();
    let name = &name[..name.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(name.len())];
    let bare = tag.as_bytes().get(1 + name.len()) == Some(&b'>');
    !bare && FORMATTING.iter().any(|formatting| formatting.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read_whole() {
        let mail = "<p style=\"margin:0\"><b>Dear all</b>, <font color=\"#333\">see <a href=\"x\">here</a></font></p>"
            .repeat(150);
        assert_eq!(readable(&mail), mail);
        let log = format!("<pre>{}</pre>", "a line of a log\n".repeat(2000));
        assert_eq!(readable(&log), log);
    }

    #[test]
    fn what_would_take_the_square_of_its_length_is_cut() {
        assert_eq!(readable(&"<div>".repeat(100_000)).len(), TAGS * 5);
        let formatting: String = (0..1000).map(|i| format!("<b x={i}>")).collect();
        let read = readable(&(formatting.clone() + &"<p>x".repeat(1000))).len();
        assert!(read < formatting.len(), "{read}");
        assert_eq!(readable(&format!("text<a {}>", "b ".repeat(ATTRIBUTES))), "text");
        assert_eq!(readable(&"ä".repeat(LONGEST)).len(), LONGEST);
    }
}
