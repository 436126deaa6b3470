//! Whether a text that was sent as HTML is the one that Freshdesk keeps (`docs/freshdesk.md` §6.1).

/// How a line break is written between the words of a text that Freshdesk wrapped.
const BREAKS: [&str; 3] = ["<br>", "<br/>", "<br />"];

/// Whether Freshdesk keeps this text like that: letter by letter, or, where there is no markup in it, in a `div`. A text that
/// it wrote anew in another way is not known again.
pub(super) fn is_kept_as(sent: &str, kept: &str) -> bool {
    sent == kept
        || wrapped(kept).is_some_and(|kept| is_plain(sent) && kept.split_whitespace().eq(sent.split_whitespace()))
}

/// The letters and digits of a text outside of its markup. All texts that may be kept alike have the same.
pub(super) fn gist(html: &str) -> String {
    let mut gist = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (text, markup) = rest.split_at(at);
        gist.extend(text.chars().filter(|c| c.is_alphanumeric()));
        let end = if markup.starts_with('<') { '>' } else { ';' };
        rest = markup.split_once(end).map_or("", |(_, after)| after);
    }
    gist.extend(rest.chars().filter(|c| c.is_alphanumeric()));
    gist
}

/// What is in a `div` that has plain text and line breaks in it, and nothing else.
fn wrapped(html: &str) -> Option<String> {
    let inner = html.strip_prefix("<div>")?.strip_suffix("</div>")?;
    let text = BREAKS.iter().fold(inner.to_owned(), |text, line_break| text.replace(line_break, "\n"));
    is_plain(&text).then_some(text)
}

fn is_plain(text: &str) -> bool {
    !text.contains(['<', '>', '&'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_again_as_it_is_and_in_a_div() {
        for (sent, kept) in [
            ("<p>Hi</p>", "<p>Hi</p>"),
            ("It is broken.", "<div>It is broken.</div>"),
            ("one\ntwo", "<div>one<br>two</div>"),
            ("one\r\ntwo ", "<div>one<br />two</div>"),
            ("", "<div></div>"),
        ] {
            assert!(is_kept_as(sent, kept), "{sent} {kept}");
            assert_eq!(gist(sent), gist(kept), "{sent} {kept}");
        }
    }

    #[test]
    fn a_text_that_was_written_anew_is_not() {
        for (sent, kept) in [
            ("<p>Hi</p>", "<p class=\"x\">Hi</p>"),
            ("<p>Hi</p>", "<div>Hi</div>"),
            ("a < b", "<div>a &lt; b</div>"),
            ("It is broken", "<div>It is broken.</div>"),
            ("one two", "<div>onetwo</div>"),
            ("one", "<div>one</div><div>two</div>"),
            ("one", "<div>one"),
        ] {
            assert!(!is_kept_as(sent, kept), "{sent} {kept}");
        }
    }

    #[test]
    fn markup_has_no_gist_and_what_does_not_end_ends_it() {
        assert_eq!(gist("<div class='a b'>Gr\u{fc}&nbsp;\u{df}e, 7!</div>"), "Gr\u{fc}\u{df}e7");
        assert_eq!(gist("one < two"), "one");
        assert_eq!(gist("one & two"), "one");
    }
}
