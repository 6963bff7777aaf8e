//! The crate from outside: everything a caller can see, with virtual time and no socket.
//! Speed is measured by the benchmarks, never here.

#[cfg(test)]
mod dialogs;
#[cfg(test)]
mod digest;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod uris;
