//! What Freshdesk makes of the texts it is given: `docs/freshdesk.md §6.1` and `§6.3`.

/// A description as it is kept: HTML stays, plain text is wrapped in a `div`.
pub(crate) fn wrapped(text: &str) -> String {
    if is_html(text) {
        return text.to_owned();
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<div>{}</div>", escaped.replace('\n', "<br>"))
}

/// A text without its tags. A line break becomes `line_break`: a newline in descriptions, a space in conversations.
pub(crate) fn stripped(html: &str, line_break: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        if tag.to_ascii_lowercase().starts_with("br") {
            text.push_str(line_break);
        }
        rest = after;
    }
    text.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.into_iter().fold(text, |text, (entity, character)| text.replace(entity, character)).trim().to_owned()
}

/// Whether a text has a tag.
fn is_html(text: &str) -> bool {
    let mut pieces = text.split('<');
    pieces.next();
    pieces.any(|piece| {
        let name = piece.strip_prefix('/').unwrap_or(piece);
        piece.contains('>') && name.starts_with(|first: char| first.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::{stripped, wrapped};

    #[test]
    fn plain_text_is_wrapped_and_html_stays() {
        assert_eq!(wrapped("a < b"), "<div>a &lt; b</div>");
        assert_eq!(wrapped("<p>Hi</p>"), "<p>Hi</p>");
    }

    #[test]
    fn tags_go_and_line_breaks_become_what_is_asked_for() {
        assert_eq!(stripped("<div>one<br>two &amp; three</div>", "\n"), "one\ntwo & three");
        assert_eq!(stripped("<div>one<br/>two</div>", " "), "one two");
    }
}
