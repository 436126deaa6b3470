//! How much of HTML is parsed. A parser keeps to the standard, by which some texts take it the square of their length.

/// Work that the HTML of one answer may make: for each tag as much as there are elements around it, each of which it may
/// have to close, open anew, or look at. A newsletter of a megabyte makes a third of this.
pub(super) const WORK: usize = 500_000;

/// Bytes of it.
pub(super) const BYTES: usize = 1 << 20;

/// Elements that nothing is in, and that are not closed.
const EMPTY: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// What is left of both.
pub(super) struct Limit {
    work: usize,
    bytes: usize,
}

impl Default for Limit {
    fn default() -> Self {
        Self { work: WORK, bytes: BYTES }
    }
}

impl Limit {
    /// As much from the beginning of HTML as there is work left for.
    pub(super) fn readable<'a>(&mut self, html: &'a str) -> &'a str {
        let html = &html[..html.floor_char_boundary(self.bytes)];
        let mut depth = 0_usize;
        let mut tags = html.match_indices('<').map(|(at, _)| at).peekable();
        while let Some(at) = tags.next() {
            let tag = &html[at + 1..tags.peek().copied().unwrap_or(html.len())];
            let name = tag.trim_start_matches('/');
            if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                continue;
            }
            if tag.starts_with('/') {
                depth = depth.saturating_sub(1);
            } else if !empty(name) {
                depth += 1;
            }
            // Attributes are compared with one another.
            let attributes = tag.split('>').next().unwrap_or_default().bytes().filter(|byte| *byte == b'=').count();
            let work = 1 + depth + attributes.saturating_mul(attributes) / 16;
            let Some(left) = self.work.checked_sub(work) else {
                (self.work, self.bytes) = (0, 0);
                return &html[..at];
            };
            self.work = left;
        }
        self.bytes -= html.len();
        html
    }
}

fn empty(tag: &str) -> bool {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    EMPTY.iter().any(|name| name.eq_ignore_ascii_case(&tag[..end]))
}
