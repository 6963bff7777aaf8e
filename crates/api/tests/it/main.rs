//! The API from outside, over the real router, directory and store.
#![cfg(test)]
#![expect(dead_code, reason = "the harness is ahead of its users")]

mod docs;
mod harness;
mod telecmi;
mod telecmi_faults;
