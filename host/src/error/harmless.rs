//! Texts that are not the host's, made fit for a log.

/// Longest part of a log line that is not the host's own text, in characters.
pub(crate) const LONGEST_STORY: usize = 2000;

/// A text that is not the host's, without what a terminal would obey: control characters, and those that turn the direction
/// of writing. `longest` characters of it.
pub(crate) fn harmless(text: &str, longest: usize) -> String {
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(longest).map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_commands_no_terminal() {
        assert_eq!(harmless("a\u{1b}[31mb\nc\u{202e}d é 漢", 100), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d é 漢");
        assert_eq!(harmless("123456", 3), "123");
    }
}
