//! What happens, decided: pure functions of a snapshot, an event and the time.

pub mod endings;
