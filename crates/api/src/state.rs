//! What every handler needs: the directory, and how this deployment speaks.

use std::collections::BTreeMap;

use directory::Directory;

use crate::dialect::commpeak::nonces::Nonces;
use crate::dialect::platform::pace::Pace;

/// The API's own configuration.
#[derive(Clone, Debug, Default)]
pub struct ApiConfig {
    /// Host names at whose root a dialect is spoken, for clients whose paths cannot change.
    pub hosts: BTreeMap<String, String>,
    /// Requests a second each account may send to Acefone's and Smartflo's APIs; 0: any number.
    pub platform_requests_per_second: u32,
}

/// Shared by all handlers.
pub struct Api {
    pub directory: Directory,
    pub config: ApiConfig,
    /// CommPeak's Digest nonces, under a key that is new with every start.
    pub(crate) nonces: Nonces,
    /// Requests a second of Acefone's and Smartflo's clients.
    pub(crate) pace: Pace,
}

impl Api {
    #[must_use]
    pub fn new(directory: Directory, config: ApiConfig) -> Self {
        let pace = Pace::new(config.platform_requests_per_second);
        Self { directory, config, nonces: Nonces::new(directory::random()), pace }
    }
}
