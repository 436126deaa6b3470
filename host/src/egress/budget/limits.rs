//! What calls cost, and how much of it a helpdesk allows per window.

use std::array;
use std::time::Duration;

/// The operations that have a limit of their own beside the total, of those that tools use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Operation {
    /// `POST /tickets`.
    TicketCreate,
    /// `PUT /tickets/{id}`.
    TicketUpdate,
    /// `GET /tickets`.
    TicketsList,
}

/// What a call is expected to cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Spend {
    /// Credits of the total; at least one is taken.
    pub(crate) credits: u32,
    /// The limit beside the total that it counts towards.
    pub(crate) operation: Option<Operation>,
}

/// How budgets are kept, the same for all helpdesks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Rules {
    /// Length of a window.
    pub(super) window: Duration,
    /// Percentage of every limit that is left to people and to other integrations.
    pub(super) reserve: u8,
}

impl Rules {
    /// How much of `limit` is left to others, rounded up.
    pub(super) fn reserve(&self, limit: u32) -> i64 {
        (i64::from(limit) * i64::from(self.reserve.min(100)) + 99) / 100
    }

    /// What may be spent per window where the total is `total`. It is never nothing: a helpdesk that allows no calls says
    /// so itself, once a window.
    pub(super) fn share(&self, total: u32) -> Count {
        let share = |limit| (i64::from(limit) - self.reserve(limit)).max(1);
        let operations = per_operation(total).map_or([i64::MAX; 3], |limits| limits.map(share));
        let [create, update, list] = operations;
        Count([share(total), create, update, list])
    }
}

/// The limits of the operations on the plan that has this total, as far as they are known (`docs/freshdesk.md` §2). An old
/// plan had 200 as well, with others; it is not sold any more.
fn per_operation(total: u32) -> Option<[u32; 3]> {
    Some(match total {
        100 => [40, 40, 40],
        200 => [80, 80, 20],
        400 => [160, 160, 100],
        700 => [280, 280, 200],
        1000 => [400, 400, 300],
        2000 => [800, 800, 400],
        _ => return None,
    })
}

/// Credits, and calls of each operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Count([i64; 4]);

impl Count {
    /// One call that costs `credits`.
    pub(super) fn call(credits: i64, operation: Option<Operation>) -> Self {
        let mut count = Self([credits, 0, 0, 0]);
        if let Some(operation) = operation {
            count.0[1 + operation as usize] = 1;
        }
        count
    }

    /// Credits alone.
    pub(super) fn credits_only(credits: i64) -> Self {
        Self::call(credits, None)
    }

    pub(super) fn credits(self) -> i64 {
        self.0[0]
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, i64::saturating_add)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.zip(other, i64::saturating_sub)
    }

    /// The larger of both, each number for itself.
    pub(super) fn max(self, other: Self) -> Self {
        self.zip(other, i64::max)
    }

    /// Whether no operation has more calls in this than in `other`.
    pub(super) fn operations_fit(self, other: Self) -> bool {
        self.0.iter().zip(other.0).skip(1).all(|(mine, others)| *mine <= others)
    }

    fn zip(self, other: Self, with: impl Fn(i64, i64) -> i64) -> Self {
        Self(array::from_fn(|at| with(self.0[at], other.0[at])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_is_kept_of_every_limit() {
        let share = |total, reserve| Rules { window: Duration::from_secs(60), reserve }.share(total).0;
        assert_eq!(share(50, 10), [45, i64::MAX, i64::MAX, i64::MAX]);
        assert_eq!(share(200, 10), [180, 72, 72, 18]);
        assert_eq!(share(55, 10)[0], 49);
        assert_eq!(share(2000, 0), [2000, 800, 800, 400]);
        assert_eq!((share(50, 100)[0], share(0, 0)[0], share(50, 255)[0]), (1, 1, 1));
    }
}
