//! The store's promises, each kept against every backend, and what only a file can show.
//! It deliberately uses nothing that callers cannot.

#[cfg(test)]
mod backend;
#[cfg(test)]
mod call_record;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod file;
#[cfg(test)]
mod sample;
