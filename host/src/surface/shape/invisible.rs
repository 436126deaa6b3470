//! Characters that nobody sees: a person who reads a ticket does not know of them, and a model would.

/// A text without what cannot be seen in it. Line ends become one kind.
pub(super) fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => seen.push('\n'),
            '\t' => seen.push('\t'),
            // They join and part letters of some scripts, and make one picture of several.
            '\u{200c}' | '\u{200d}' => {
                let before = seen.chars().next_back().is_some_and(joined);
                let after = letters.peek().is_some_and(|next| joined(*next) && !hidden(*next));
                if before && after {
                    seen.push(letter);
                }
            }
            // One of them chooses between a letter and a picture; more of them carry messages.
            '\u{fe0e}' | '\u{fe0f}' => {
                if seen.chars().next_back().is_some_and(|last| !matches!(last, '\u{fe0e}' | '\u{fe0f}' | '\n')) {
                    seen.push(letter);
                }
            }
            letter if hidden(letter) => {}
            letter => seen.push(letter),
        }
    }
    seen
}

/// A text on one line, with single spaces.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters of which two can be joined or parted, and pictures.
fn joined(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_whitespace() && !matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Controls, marks of direction, fillers, tags and variation selectors.
fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{13440}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
