//! The command `rollcall`.
//! Holds no rule: what it does is in the crates below.

fn main() {}
