//! The crate from outside: everything a caller can see, with virtual time and no socket.
//! Speed is measured by the benchmarks, never here.

#[cfg(test)]
mod digest;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod uris;
