//! What the domain promises, from outside: changes, rights, lookups and every policy rule.
//! It deliberately uses nothing that other crates cannot.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod deployment;
#[cfg(test)]
mod diff;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod incoming;
#[cfg(test)]
mod outgoing;
#[cfg(test)]
mod patches;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod ring;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod visible;
