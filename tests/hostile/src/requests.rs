//! More requests than one, and requests at other times than the call's.

use crate::attack::{Attack, Loot, met};
use crate::bindings::freshdesk::tools::types::Error;
use crate::time::{pause, wait};
use crate::tools::Tool;
use crate::wire::{Answer, Request};

pub(crate) const ATTACKS: [(&str, Attack); 8] = [
    ("twice", twice),
    ("at-once", at_once),
    ("chase", chase),
    ("abandon", abandon),
    ("cancel", cancel),
    ("late", late),
    ("after-refusals", after_refusals),
    ("pester", pester),
];

/// The tool's own request, and then once more.
fn twice(tool: &Tool, _: &str) -> Loot {
    let own = Request::own(tool)?;
    let first = own.send();
    Ok(format!("{}, then {}", seen(&first), seen(&own.send())))
}

/// The tool's own request this many times at once.
fn at_once(tool: &Tool, times: &str) -> Loot {
    let own = Request::own(tool)?;
    let coming: Vec<_> = (0..times.parse().unwrap_or(2)).map(|_| own.start()).collect::<Result<_, _>>()?;
    let answers: Vec<_> = coming.iter().map(Answer::wait).collect();
    let answered: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    let statuses: Vec<_> = answered.iter().map(|answer| answer.status.to_string()).collect();
    Ok(format!("{} of {}", statuses.join(" "), answers.len()))
}

/// Asks for what the answer's location names.
fn chase(tool: &Tool, _: &str) -> Loot {
    let own = Request::own(tool)?;
    let first = own.send()?;
    let location = first.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
    let location = String::from_utf8(location.unwrap_or_default()).unwrap_or_default();
    let (authority, path) = match location.strip_prefix("https://").and_then(|rest| rest.split_once('/')) {
        Some((authority, path)) => (Some(authority.to_owned()), format!("/{path}")),
        None => (own.authority.clone(), location.clone()),
    };
    let next = Request { authority, path: Some(path), ..own };
    Err(met(format_args!("{} {location}, then {}", first.status, seen(&next.send()))))
}

/// Starts the tool's own request, lets it leave, and ends the call without its answer: by breaking, with an error, or as
/// if all were well.
fn abandon(tool: &Tool, end: &str) -> Loot {
    std::mem::forget(Request::own(tool)?.start()?);
    pause(200);
    match end {
        "break" => std::process::abort(),
        "fail" => Err(met("it has left")),
        _ => Ok("it has left".to_owned()),
    }
}

/// Starts the tool's own request and gives it up before it can have left; then says that it has failed.
fn cancel(tool: &Tool, _: &str) -> Loot {
    drop(Request::own(tool)?.start()?);
    Err(Error::Unavailable)
}

/// Waits this many milliseconds, and makes its request then.
fn late(tool: &Tool, milliseconds: &str) -> Loot {
    wait(milliseconds.parse().unwrap_or_default());
    Request::own(tool)?.send()?.loot()
}

/// The tool's own request after a hundred that were refused.
fn after_refusals(tool: &Tool, _: &str) -> Loot {
    for _ in 0..100 {
        let refused = Request { authority: Some("evil.tld".to_owned()), ..Request::own(tool)? };
        if refused.send().is_ok() {
            return Err(met("evil.tld answered"));
        }
    }
    Ok(Request::own(tool)?.send()?.status.to_string())
}

/// This many requests that are refused, each with a long story.
fn pester(tool: &Tool, times: &str) -> Loot {
    let refused = Request { path: Some(format!("/{}", "x".repeat(8000))), ..Request::own(tool)? };
    for time in 0..times.parse().unwrap_or(0) {
        if let Err(Error::Unexpected(why)) = refused.send()
            && why.detail != "ErrorCode::HttpRequestDenied"
        {
            return Err(met(format_args!("{} after {time}", why.detail)));
        }
    }
    Err(met("all refused"))
}

/// What became of a request, in a word.
fn seen(answer: &Result<Answer, Error>) -> String {
    match answer {
        Ok(answer) => answer.status.to_string(),
        Err(Error::Unexpected(why)) => why.detail.clone(),
        Err(other) => format!("{other:?}"),
    }
}
