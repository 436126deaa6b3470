//! What a sandboxed call consists of, by the spans that the host emits around its steps.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::calls::{Side, median, micros, run};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;
use crate::spans::{CALL, Spans, Steps};

/// Calls that are taken apart, after some that are not.
const CALLS: usize = 2000;
const BEFORE: usize = 200;

/// The steps of a call in their order, by their spans, and what they are.
const STEPS: [(&str, &str); 9] = [
    ("arguments", "JSON in: arguments read by the contract"),
    ("instance", "instance"),
    ("read", "policy: request read to its end"),
    ("check", "policy: request checked"),
    ("turn", "policy: turn in the helpdesk's budget"),
    ("attach", "policy: key attached, redactor made"),
    ("redact", "redaction"),
    ("leave", "instance left"),
    ("answer", "JSON out: answer written by the contract"),
];

/// The step that is the upstream's work, both sides of TLS included.
const TRANSPORT: &str = "send";

/// The step in which the guest runs, and those of its time that are egress's.
const RUN: &str = "run";
const EGRESS: [&str; 6] = ["read", "check", "turn", "attach", TRANSPORT, "redact"];

pub(crate) fn instance(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let calls = collected(simulator)?;
    figures.hold("instance ready, p50", of(calls, "instance"), "us", Bar::AtMost(20.0));
    Ok(())
}

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let calls = collected(simulator)?;
    for (span, step) in STEPS {
        figures.tell(step, of(calls, span), "us");
    }
    figures.tell("transport, the upstream's work included", of(calls, TRANSPORT), "us");
    let egress = |call: &Steps| EGRESS.map(|span| time(call, span)).iter().sum::<f64>();
    let guest = median(calls.iter().map(|call| time(call, RUN) - egress(call)));
    figures.tell("lift and lower, the guest's own work, and handing over", guest, "us");
    let outside = |call: &Steps| time(call, RUN) + STEPS.iter().map(|(span, _)| time(call, span)).sum::<f64>();
    let inside =
        |call: &Steps| EGRESS.iter().filter(|span| **span != TRANSPORT).map(|span| time(call, span)).sum::<f64>();
    let rest = median(calls.iter().map(|call| time(call, CALL) - outside(call) + inside(call)));
    figures.tell("what remains", rest, "us");
    figures.tell("the whole call, spans being collected", of(calls, CALL), "us");
    Ok(())
}

/// The steps of calls that were made one after the other. They are made once a process, and after what is measured without
/// anybody collecting.
fn collected(simulator: &Arc<Simulator>) -> Result<&'static [Steps]> {
    static CALLS_MADE: OnceLock<Vec<Steps>> = OnceLock::new();
    if CALLS_MADE.get().is_none() {
        let side = Side::sandboxed(simulator)?;
        let spans = Spans::collect().context("spans are collected already")?;
        let calls = run(async move {
            side.one_by_one(BEFORE).await?;
            spans.take();
            side.one_by_one(CALLS).await?;
            Ok(spans.take())
        })?;
        simulator.forget()?;
        ensure!(calls.len() == CALLS, "{} of {CALLS} calls were seen", calls.len());
        let missing = |call: &Steps| STEPS.iter().find(|(span, _)| !call.contains_key(span)).map(|(span, _)| *span);
        ensure!(calls.iter().find_map(missing).is_none(), "there is no span {:?}", calls.iter().find_map(missing));
        CALLS_MADE.get_or_init(|| calls);
    }
    Ok(CALLS_MADE.get().map_or(&[], Vec::as_slice))
}

/// The time of a step in the middle of all calls.
fn of(calls: &[Steps], span: &str) -> f64 {
    median(calls.iter().map(|call| time(call, span)))
}

fn time(call: &Steps, span: &str) -> f64 {
    call.get(span).map_or(0.0, |time: &Duration| micros(time))
}
