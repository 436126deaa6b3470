//! What must hold of the parts of the host that read what others wrote, whatever they are given.
//!
//! - `label`, `form`, `arguments`, `sealed` and `redactor` each check one part: a function of bytes that panics where a property
//!   does not hold. `draw` makes decisions of these bytes.
//! - The fuzzers in `fuzz/` call them, with these files and the ones under test compiled into a crate of its own.
//! - The tests here call them with every input that the fuzzers kept in `fuzz/corpus/`.

mod arguments;
mod draw;
mod form;
mod label;
mod redactor;
mod sealed;

pub use arguments::arguments;
pub use form::form;
pub use label::label;
pub use redactor::redactor;
pub use sealed::sealed;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::draw::near;

    /// Checks every input of a target's corpus, and `FUZZ_NEAR` (20) inputs near each. There are some, or this would prove nothing.
    fn replay(target: &str, check: fn(&[u8])) {
        let count = std::env::var("FUZZ_NEAR").map_or(20, |count| count.parse().expect("FUZZ_NEAR is a number"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
        let inputs: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        assert!(inputs.len() >= 10, "{} inputs of {target}", inputs.len());
        for (input, seed) in inputs.iter().zip(0..) {
            let all = std::iter::once(input.clone()).chain((0..count).map(|turn| near(&inputs, seed, turn)));
            for input in all {
                if std::panic::catch_unwind(|| check(&input)).is_err() {
                    panic!("{target} does not hold for b\"{}\"", input.escape_ascii());
                }
            }
        }
        println!("{target}: {} inputs, and {count} near each", inputs.len());
    }

    #[test]
    fn what_the_fuzzers_kept_for_labels_holds() {
        replay("label", super::label);
    }

    #[test]
    fn what_the_fuzzers_kept_for_forms_holds() {
        replay("form", super::form);
    }

    #[test]
    fn what_the_fuzzers_kept_for_arguments_holds() {
        replay("arguments", super::arguments);
    }

    #[test]
    fn what_the_fuzzers_kept_for_sealed_rows_holds() {
        replay("sealed", super::sealed);
    }

    #[test]
    fn what_the_fuzzers_kept_for_the_redactor_holds() {
        replay("redactor", super::redactor);
    }
}
