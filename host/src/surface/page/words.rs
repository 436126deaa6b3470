//! Every sentence about what went wrong, and what to do then.

use std::time::Duration;

use http::StatusCode;

use super::stop::Stop;
use crate::accounts::{ConfirmError, LinkError, OfferError};

/// What is wrong with what was typed. The form is shown again with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// The field that it is about: `helpdesk`, `key`, `code`, or none.
    pub(super) at: &'static str,
    pub(super) what: String,
    pub(super) next: String,
}

/// What a page says that has nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) what: String,
    pub(super) next: String,
}

impl Problem {
    fn new(at: &'static str, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, at, what: what.into(), next: next.into() }
    }
}

/// Why a key was not taken. `host` is the helpdesk as it was understood.
pub(super) fn offer(error: OfferError, app: &str, host: Option<&str>) -> Result<Problem, Stop> {
    let host = host.unwrap_or("this helpdesk");
    Ok(match error {
        OfferError::Link(error) => return Err(error.into()),
        OfferError::WrongKey { left } if left < 1 => return Err(LinkError::Dead.into()),
        OfferError::WrongKey { left } => Problem::new(
            "key",
            format!("Freshdesk does not accept this key at {host}."),
            format!(
                "Check that you are logged in to {host} as yourself, and copy the whole key again. A key that was reset no \
                 longer works, nor does one that was read while assuming another agent’s identity. {}",
                tries(left)
            ),
        ),
        OfferError::Helpdesk(_) => Problem::new(
            "helpdesk",
            "This names no helpdesk of Freshdesk.",
            "Give its name, such as acme, or its address, such as acme.freshdesk.com. An address of your own, such as \
             support.acme.com, does not work here: ask your administrator for the one that ends with .freshdesk.com.",
        ),
        OfferError::Key => Problem::new(
            "key",
            "This is no API key.",
            "A key is one word of letters and digits, without spaces. Copy it from your profile settings, the whole of it.",
        ),
        OfferError::OtherHelpdesk { expected } => Problem::new(
            "helpdesk",
            format!("This link is for {}.", address(&expected)),
            format!(
                "Give that helpdesk and your key there. If you do mean another one, ask {app} for a link that allows it."
            ),
        ),
        OfferError::NoHelpdesk => Problem::new(
            "helpdesk",
            format!("There is no helpdesk at {host}."),
            "Open Freshdesk in another tab, and copy its address from there.",
        ),
        OfferError::Forbidden { code } => forbidden(code.as_deref(), host),
        OfferError::OtherPerson => Problem::new(
            "key",
            "This key works, but it is not the key of the person this link is for.",
            format!(
                "Log in to Freshdesk as yourself, with the e-mail address that {app} knows, and copy your own key. If that \
                 is what you did, ask {app} for a new link and tell them so."
            ),
        ),
        OfferError::Unavailable { retry_after } => unavailable(retry_after),
    })
}

/// Freshdesk knows the key and does not let it in: by the code that it gives (`docs/freshdesk.md` §3.2).
fn forbidden(code: Option<&str>, host: &str) -> Problem {
    let (what, next) = match code {
        Some("require_feature") => (
            "The plan of this helpdesk has no API.",
            "It has to be Growth or higher: Free has none. Ask an administrator of your Freshdesk, then try again.",
        ),
        Some("account_suspended") => (
            "Freshdesk has suspended this helpdesk.",
            "Ask an administrator of your Freshdesk to settle that, then try again.",
        ),
        Some("password_lockout") => (
            "Freshdesk has locked this login after too many failed ones.",
            "Wait some time, log in to Freshdesk by hand, then try again.",
        ),
        Some("password_expired") => {
            ("Your password at Freshdesk has expired.", "Log in to Freshdesk, set a new password, then try again.")
        }
        _ => (
            "Freshdesk knows this key, but does not let it use the API.",
            "Either your role there does not allow it, or the plan of this helpdesk has no API: it has to be Growth or \
             higher. Ask an administrator of your Freshdesk, then try again.",
        ),
    };
    Problem::new("", what, format!("{next} Nothing was stored for {host}."))
}

/// Freshdesk is down, or takes no more calls for some time that is known.
fn unavailable(retry_after: Option<u64>) -> Problem {
    let (what, when) = match retry_after {
        None => ("Freshdesk does not answer at the moment.", "in a minute".to_owned()),
        Some(seconds) => {
            ("Freshdesk cannot be asked at the moment.", format!("in {}", wait(Duration::from_secs(seconds))))
        }
    };
    let next = format!("Nothing was stored, and your link is still good. Try again {when}.");
    Problem { status: StatusCode::SERVICE_UNAVAILABLE, ..Problem::new("", what, next) }
}

/// Why a confirmation was not taken.
pub(super) fn confirm(error: ConfirmError, app: &str) -> Result<Problem, Stop> {
    Ok(match error {
        ConfirmError::Link(error) => return Err(error.into()),
        ConfirmError::WrongCode { left } if left < 1 => return Err(LinkError::Dead.into()),
        ConfirmError::WrongCode { left } => Problem::new(
            "code",
            format!("This is not the code that {app} shows."),
            format!("Look at {app} again, and type the code that belongs to this link. {}", tries(left)),
        ),
        ConfirmError::Nothing => nothing(),
        ConfirmError::Changed => changed(),
    })
}

/// There is nobody to confirm.
pub(super) fn nothing() -> Problem {
    let problem = Problem::new(
        "",
        "There is nobody to confirm yet.",
        "Give your helpdesk and your key first; if you did, give them again.",
    );
    Problem { status: StatusCode::CONFLICT, ..problem }
}

/// Whom there is to confirm was not given in this browser.
pub(super) fn elsewhere(app: &str) -> Problem {
    let problem = Problem::new(
        "",
        "Somebody else may have used this link, so nothing was connected.",
        format!(
            "A key was given in another browser, and can be confirmed only there. Give your own helpdesk and key here; \
             if the link takes none any more, ask {app} for a new one."
        ),
    );
    Problem { status: StatusCode::CONFLICT, ..problem }
}

/// What is confirmed is not what was shown, or not to be had any more.
fn changed() -> Problem {
    let problem = Problem::new(
        "",
        "Something changed in the meantime, so nothing was connected.",
        "Another key was given, perhaps in another tab. Look again, and confirm if this is you.",
    );
    Problem { status: StatusCode::CONFLICT, ..problem }
}

fn tries(left: i64) -> String {
    match left {
        1 => "You have one more try.".to_owned(),
        left => format!("You have {left} more tries."),
    }
}

/// A helpdesk's address, by its label or as it is.
fn address(helpdesk: &str) -> String {
    if helpdesk.contains('.') { helpdesk.to_owned() } else { format!("{helpdesk}.freshdesk.com") }
}

/// A time to wait, rounded up.
fn wait(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// What ends the walk through the page.
pub(super) fn notice(stop: &Stop) -> Notice {
    let (status, title, what, next) = match stop {
        Stop::Gone => (
            StatusCode::GONE,
            "This link cannot be used",
            "It has expired, was used already, or is not complete. A link is good for 30 minutes, and for one connection.",
            "If your Freshdesk is not connected yet, go back to where you got the link, and ask for a new one.",
        ),
        Stop::Dead => (
            StatusCode::GONE,
            "This link has had its five tries",
            "What was given was refused five times, so the link is closed. Nothing was connected.",
            "Make sure that you have the right key, then go back to where you got the link, and ask for a new one.",
        ),
        Stop::Lost => (
            StatusCode::BAD_REQUEST,
            "This page has lost your link",
            "It works only in the browser in which you opened the link, for as long as the link is good.",
            "Open the link again, from where you got it. If this page comes back, allow cookies for this site.",
        ),
        Stop::Foreign => (
            StatusCode::FORBIDDEN,
            "This form was not sent from this page",
            "Your browser says that it came from elsewhere, or the form was too old. Nothing was done with it.",
            "Open your link again, and fill in the form there. If this page comes back, use a browser of today.",
        ),
        Stop::Unreadable => (
            StatusCode::BAD_REQUEST,
            "This form could not be read",
            "What arrived is no form of this page. Nothing was done with it.",
            "Open your link again, and fill in the form there.",
        ),
        Stop::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too much",
            "What was sent is far longer than a key and an address. Nothing was done with it.",
            "Go back, and copy the key alone.",
        ),
        Stop::Slow => (
            StatusCode::REQUEST_TIMEOUT,
            "This took too long",
            "The form did not arrive in time. Nothing was done with it.",
            "Check your connection, go back, and send it again.",
        ),
        Stop::NoPage => (
            StatusCode::NOT_FOUND,
            "There is no such page",
            "The address is not complete, or was changed on its way.",
            "Open your link again, from where you got it.",
        ),
        Stop::Method => (
            StatusCode::METHOD_NOT_ALLOWED,
            "This cannot be done here",
            "The address is right, but not for what your browser asked of it.",
            "Open your link again, from where you got it.",
        ),
        Stop::Busy(time) => return busy(*time),
        Stop::Broken | Stop::Done(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Something is wrong on our side",
            "It has nothing to do with your key. Nothing was connected.",
            "Try again in a minute; your link is still good. If it stays like this, tell whoever sent you the link.",
        ),
    };
    Notice { status, title, what: what.to_owned(), next: next.to_owned() }
}

fn busy(time: Duration) -> Notice {
    Notice {
        status: StatusCode::TOO_MANY_REQUESTS,
        title: "Too many requests",
        what: "Your network has sent more than this page takes at a time. Nothing was done with the last request."
            .to_owned(),
        next: format!("Wait {}, then load this page again. Your link is still good.", wait(time)),
    }
}
