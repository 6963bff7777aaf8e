//! What policy must be told about a user that no setting says.
//! Who counts it (the registrar, the calls, the sessions) is not known here.

/// A user's momentary state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserFacts {
    /// Devices registered.
    pub devices: u16,
    /// Calls he is on or being rung for.
    pub calls: u16,
    /// Whether a web session of his is live.
    pub web_session: bool,
}
