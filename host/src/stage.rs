//! How far a call has come: who waits for it may look, and may call it off while nothing has left.

use tokio::sync::watch;

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing has left.
    Begun,
    /// It waits for a turn of its helpdesk's budget; nothing has left.
    Waiting,
    /// Its request may have left.
    Left,
    /// It was called off before anything left.
    CalledOff,
}

/// The stages of one call.
#[derive(Debug)]
pub struct Stages(watch::Sender<Stage>);

impl Default for Stages {
    fn default() -> Self {
        Self(watch::Sender::new(Stage::Begun))
    }
}

impl Stages {
    /// Sees each change from now on.
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.0.subscribe()
    }

    /// Calls the call off: nothing leaves any more. False when something may have left.
    pub fn call_off(&self) -> bool {
        self.set(Stage::CalledOff)
    }

    /// Notes that the call waits for its turn.
    pub(crate) fn waits(&self) {
        self.set(Stage::Waiting);
    }

    /// Notes that a request is about to leave. False when the call was called off.
    pub(crate) fn leaves(&self) -> bool {
        self.set(Stage::Left)
    }

    /// Notes that it did not leave after all.
    pub(crate) fn stays(&self) {
        self.0.send_if_modified(|stage| {
            let left = *stage == Stage::Left;
            *stage = if left { Stage::Begun } else { *stage };
            left
        });
    }

    /// Moves on. False when the call is called off, or is to be called off and has left.
    fn set(&self, to: Stage) -> bool {
        let mut moved = true;
        self.0.send_if_modified(|stage| {
            moved = match (*stage, to) {
                (Stage::CalledOff, to) => to == Stage::CalledOff,
                (Stage::Left, Stage::CalledOff) => false,
                // What is sent again after it has left, such as a read, waits like any other.
                _ => true,
            };
            let changed = moved && *stage != to;
            *stage = if moved { to } else { *stage };
            changed
        });
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_off_never_leaves_and_what_left_is_not_called_off() {
        let stages = Stages::default();
        stages.waits();
        assert!(stages.call_off() && stages.call_off());
        assert!(!stages.leaves());
        assert_eq!(*stages.watch().borrow(), Stage::CalledOff);

        let stages = Stages::default();
        assert!(stages.leaves());
        assert!(!stages.call_off());
        stages.stays();
        assert!(stages.call_off());
    }
}
