//! Makes of a tool's answer what is fit for a model: the fields that were asked for, in so many bytes, with the text that
//! customers wrote marked as what it is.

use serde_json::Value;

use crate::sandbox::contract::{Problem, Tool};

/// A tool as agents see it: the contract's, with the parameters that shape its answer.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// The name that it is called by.
    pub(crate) name: String,
    /// A name for people.
    pub(crate) title: String,
    /// What an agent reads about it.
    pub(crate) description: String,
    /// The JSON Schema of its arguments.
    pub(crate) input_schema: Value,
    /// The JSON Schema of its answer, as it is shaped.
    pub(crate) output_schema: Value,
    /// What it does to the helpdesk.
    pub(crate) effect: Effect,
}

/// What a tool does to the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// It changes nothing.
    pub(crate) reads: bool,
    /// It may overwrite or remove what is there, and does not only add.
    pub(crate) destroys: bool,
    /// Called again with the same arguments, it changes nothing more.
    pub(crate) idempotent: bool,
}

/// How an answer is to look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {}

/// An answer in both copies.
#[derive(Clone, Debug)]
pub(crate) struct Shaped {
    /// For programs, by the tool's output schema.
    pub(crate) structured: Value,
    /// For models.
    pub(crate) text: String,
}

/// The tools as agents see them, in the contract's order.
pub(crate) fn offered(_tools: &[Tool]) -> Vec<Offered> {
    Vec::new()
}

impl Shape {
    /// Takes the parameters that shape the answer out of a call's arguments; what is left are the tool's own.
    pub(crate) fn take(input: Value) -> Result<(Self, Value), Vec<Problem>> {
        Ok((Self::default(), input))
    }

    /// Shapes an answer.
    pub(crate) fn apply(&self, answer: Value) -> Shaped {
        let text = answer.to_string();
        Shaped { structured: answer, text }
    }
}
