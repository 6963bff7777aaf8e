//! Measurements of a release build, each beside a yardstick run in the same call.
//! Not tests: nothing fails for being slow, the ratios are for a person to read.

pub(crate) mod console;
mod files;
pub(crate) mod http;
mod kamailio;
mod pages;
mod phones;
mod process;
pub(crate) mod sip;
mod table;
mod users;
mod wrk;
