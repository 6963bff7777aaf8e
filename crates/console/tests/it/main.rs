//! The pages from outside: requests to the router over a real directory.
#![cfg(test)]

mod bulk;
mod guards;
mod harness;
mod import;
mod pages;
mod second_factor;
mod set_up;
mod sign_in;
mod trunks;
mod users;
