//! The directory from outside: the life of a change, on the real store.
#![cfg(test)]

mod fixture;
mod life;
