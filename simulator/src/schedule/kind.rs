//! The kinds of things that go wrong.

use std::time::Duration;

use super::{Dice, Mishap};
use crate::state::{Encoding, FaultAction, LineFault};

/// A kind of thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing does.
    Nothing,
    /// The connection is closed before the request runs, once.
    Reset,
    /// The connection is closed after the request ran, once.
    ResetAfter,
    /// The connection is closed after some byte of the answer, once.
    Cut,
    /// The connection falls silent after some byte of the answer, and stays open.
    Hang,
    /// The body is shorter than it was promised, each time.
    Truncate,
    /// The answer comes later: by less than the caller's patience, or by more.
    Delay,
    /// Status line and headers come in small pieces.
    SlowHead,
    /// The body comes in small pieces.
    SlowBody,
    /// The body never ends.
    Endless,
    /// The body is compressed by gzip.
    Gzip,
    /// The body is compressed by deflate.
    Deflate,
    /// An HTML page is answered with 200, after the request ran or without.
    Page,
    /// An HTML page is answered with a 5xx, after the request ran or without.
    BadGateway,
    /// The JSON is of a wrong type somewhere.
    WrongTypes,
    /// A limit is reached for a moment, and the answer says when to come back.
    Throttle,
    /// A limit is reached, and the answer does not say when to come back.
    ThrottleWithoutWord,
    /// A limit stays reached, however often it is asked.
    ThrottleStorm,
    /// The helpdesk's clock jumps, forwards or backwards.
    ClockJump,
    /// The answer is an error that repeats the key.
    Echo,
    /// The TLS handshake comes in small pieces.
    TlsSlow,
    /// The TLS handshake stops at some byte and never goes on.
    TlsHang,
    /// The connection is closed at some byte of the TLS handshake.
    TlsCut,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 23] = [
        Kind::Nothing,
        Kind::Reset,
        Kind::ResetAfter,
        Kind::Cut,
        Kind::Hang,
        Kind::Truncate,
        Kind::Delay,
        Kind::SlowHead,
        Kind::SlowBody,
        Kind::Endless,
        Kind::Gzip,
        Kind::Deflate,
        Kind::Page,
        Kind::BadGateway,
        Kind::WrongTypes,
        Kind::Throttle,
        Kind::ThrottleWithoutWord,
        Kind::ThrottleStorm,
        Kind::ClockJump,
        Kind::Echo,
        Kind::TlsSlow,
        Kind::TlsHang,
        Kind::TlsCut,
    ];

    /// Whether it befalls connections while they are made.
    pub fn below_http(self) -> bool {
        matches!(self, Kind::TlsSlow | Kind::TlsHang | Kind::TlsCut)
    }

    /// One of this kind.
    pub(super) fn mishap(self, dice: &mut Dice, patience: Duration) -> Mishap {
        let chance = |dice: &mut Dice| dice.below(2) == 0;
        let gateway = [500, 502, 503, 504, 520];
        let once = |action| Mishap::requests(self, 1, action);
        let always = |action| Mishap::requests(self, u32::MAX, action);
        match self {
            Kind::Nothing => Mishap { kind: self, fault: None, line: None },
            Kind::Reset => once(FaultAction::Reset),
            Kind::ResetAfter => once(FaultAction::ResetAfter),
            Kind::Cut => once(FaultAction::Line(LineFault::Cut(position(dice)))),
            Kind::Hang => once(FaultAction::Line(LineFault::Hang(position(dice)))),
            Kind::Truncate => always(FaultAction::Truncate(dice.below(400))),
            Kind::Delay => once(FaultAction::Delay(patience * percent(dice, 150) / 100)),
            Kind::SlowHead => {
                let pause = Duration::from_millis(1 + dice.below(8) as u64);
                once(FaultAction::Line(LineFault::Drip { chunk: 1 + dice.below(60), pause }))
            }
            Kind::SlowBody => {
                let pause = Duration::from_millis(dice.below(20) as u64);
                once(FaultAction::SlowBody { chunk: 1 + dice.below(300), pause })
            }
            Kind::Endless => always(FaultAction::Endless),
            Kind::Gzip => always(FaultAction::Compress { encoding: Encoding::Gzip, told: chance(dice) }),
            Kind::Deflate => always(FaultAction::Compress { encoding: Encoding::Deflate, told: chance(dice) }),
            Kind::Page => always(FaultAction::page(200, chance(dice))),
            Kind::BadGateway => {
                let status = gateway[dice.below(gateway.len())];
                let times = 1 + dice.below(4) as u32;
                Mishap::requests(self, times, FaultAction::page(status, chance(dice)))
            }
            Kind::WrongTypes => always(FaultAction::Warp(dice.roll())),
            Kind::Throttle => once(FaultAction::throttle(Some(dice.below(2) as u64))),
            Kind::ThrottleWithoutWord => once(FaultAction::throttle(None)),
            Kind::ThrottleStorm => always(FaultAction::throttle(chance(dice).then_some(1))),
            Kind::ClockJump => {
                let seconds = 1 + dice.below(7200) as i64;
                once(FaultAction::Jump(if chance(dice) { seconds } else { -seconds }))
            }
            Kind::Echo => once(FaultAction::Echo([400, 403, 500][dice.below(3)])),
            Kind::TlsSlow => {
                let pause = Duration::from_millis(1 + dice.below(5) as u64);
                Mishap::line(self, LineFault::Drip { chunk: 10 + dice.below(100), pause })
            }
            Kind::TlsHang => Mishap::line(self, LineFault::Hang(dice.below(1200))),
            Kind::TlsCut => Mishap::line(self, LineFault::Cut(dice.below(1200))),
        }
    }
}

/// A byte of an answer: as often in its head as anywhere.
fn position(dice: &mut Dice) -> usize {
    let end = if dice.below(2) == 0 { 200 } else { 4000 };
    dice.below(end)
}

fn percent(dice: &mut Dice, most: usize) -> u32 {
    u32::try_from(dice.below(most)).unwrap_or(0)
}
