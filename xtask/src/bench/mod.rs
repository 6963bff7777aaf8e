//! Measurements of a release build, each beside a yardstick run in the same call.
//! Not tests: nothing fails for being slow, the ratios are for a person to read.

pub(crate) mod http;
mod process;
mod table;
mod users;
mod wrk;
