//! The directory from outside: the life of a change, on the real store.
#![cfg(test)]

mod bulk;
mod credentials;
mod enforcement;
mod fixture;
mod life;
mod restart;
mod second_factor;
mod sign_in;
mod softphone;
