//! Decisions made of bytes.

/// Makes decisions of bytes, in their order; where they are used up, of zeros. Small changes of the bytes are small changes of
/// what is decided, so that a fuzzer learns.
pub(super) struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left to decide by.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// One of these, which are some.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Eight bytes as a number.
    pub(super) fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| (number << 8) | u64::from(self.byte()))
    }

    /// Up to `most` bytes, as many as the next byte says.
    pub(super) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    /// A text of up to `most` bytes, without those that are no UTF-8.
    pub(super) fn text(&mut self, most: usize) -> String {
        self.bytes(most).utf8_chunks().map(|chunk| chunk.valid()).collect()
    }
}

/// An input near one of these: some of its bytes are changed, taken out, doubled, or come from another one. The same for the same
/// seed and turn.
#[cfg(test)]
pub(super) fn near(inputs: &[Vec<u8>], seed: usize, turn: usize) -> Vec<u8> {
    // SplitMix64.
    let mut state = (seed as u64) << 32 | turn as u64;
    let mut below = |end: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    };
    let mut input = inputs[seed % inputs.len()].clone();
    for _ in 0..=below(4) {
        let at = below(input.len());
        let end = (at + 1 + below(8)).min(input.len());
        match below(7) {
            0 if at < end => input[at] ^= 1 << below(8),
            1 if at < end => input[at] = below(256) as u8,
            2 if at < end => input[at] = b"%\\\"<>{}[]:;,.@/?#&=+ 09aAfF"[below(27)],
            3 if at < end => drop(input.drain(at..end)),
            4 if at < end => {
                let part = input[at..end].to_vec();
                input.splice(at..at, part);
            }
            5 => {
                let other = &inputs[below(inputs.len())];
                let from = below(other.len());
                let part = other[from..(from + 1 + below(30)).min(other.len())].to_vec();
                input.splice(at..at, part);
            }
            _ => input.insert(at, below(256) as u8),
        }
    }
    input
}
