//! The tidy tests: rules of the repository that a program can check, one file per rule.
//! They read sources and run nothing; every rule is also shown a sample that breaks it.

#![cfg(test)] // Test code throughout, so that the lints for tests apply outside `#[test]` functions too.

mod architecture;
mod arrows;
mod contract;
mod dialects;
mod headers;
mod machine;
mod manifests;
mod names;
mod purity;
mod sizes;
mod source;
mod sql;
mod words;
