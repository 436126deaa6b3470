//! Makes of a tool's answer what is fit for a model: the fields that were asked for, in so many bytes, with the text that
//! customers wrote marked as what it is.
//!
//! - `parameters` are what a caller may ask for, and `offer` adds them to the tools.
//! - `answer` shapes one: `summary` has the fields that are worth reading, and `picker` makes pieces (`piece`) of them, with
//!   HTML made plain (`html`), what is invisible left out (`invisible`) and text of others marked (`marks`).
//! - `budget` leaves out what there is no room for, `table` writes the copy for models, and `hints` says what is not there.
//! - `error` marks what Freshdesk said in an error.

mod answer;
mod budget;
mod error;
mod hints;
mod html;
mod invisible;
mod marks;
mod offer;
mod parameters;
mod picker;
mod piece;
mod summary;
mod table;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub(crate) use self::error::said;
use self::parameters::Parameters;
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
pub(crate) struct Shape(Parameters);

/// An answer in both copies.
#[derive(Clone, Debug)]
pub(crate) struct Shaped {
    /// For programs, by the tool's output schema.
    pub(crate) structured: Value,
    /// For models.
    pub(crate) text: String,
}

/// The tools as agents see them, in the contract's order.
pub(crate) fn offered(tools: &[Tool]) -> Vec<Offered> {
    tools.iter().map(Offered::of).collect()
}

impl Shape {
    /// Takes the parameters that shape the answer out of a call's arguments; what is left are the tool's own, without the
    /// marks that came back in them. What is no object is left to the tool to refuse.
    pub(crate) fn take(input: Value) -> Result<(Self, Value), Vec<Problem>> {
        let Value::Object(input) = input else { return Ok((Self::default(), input)) };
        let mut input = marks::fields_off(input);
        let parameters = parameters::take(&mut input)?;
        Ok((Self(parameters), Value::Object(input)))
    }

    /// Shapes an answer.
    pub(crate) fn apply(&self, answer: Value) -> Shaped {
        // The contract's answers are objects.
        answer::shaped(answer.as_object().unwrap_or(&Map::new()), &self.0)
    }
}
