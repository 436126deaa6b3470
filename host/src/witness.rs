//! Who watches what a guest can see.

/// Is shown everything that a guest can see: its memories and globals whenever it and the host take turns, and what egress
/// hands back to it. `verify` has one that looks for a key.
pub trait Witness: Send + Sync {
    /// Shows some bytes, and says where they are.
    fn sees(&self, place: &str, bytes: &[u8]);
}
