//! Who is who and where: digest, registered devices, and throttling of those who guess.

pub(crate) mod auth;
mod binding;
pub(crate) mod bindings;
mod contacts;
pub(crate) mod registrar;
mod throttle;

pub(crate) use binding::direct_address;
pub use binding::{Binding, BindingEvent};
pub(crate) use throttle::Throttle;
pub use throttle::{Lock, LockSubject};
