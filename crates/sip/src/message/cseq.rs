//! The `CSeq` header.
//! Whether a number is in order is the dialog's business.

use super::Method;
use crate::lex;

/// The largest sequence number (RFC 3261 section 8.1.1.5: less than 2**31).
pub const CSEQ_MAX: u32 = (1 << 31) - 1;

/// Sequence number and method (RFC 3261 section 20.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number, below 2**31.
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

impl Default for CSeq {
    fn default() -> Self {
        Self { number: 0, method: Method::Other }
    }
}

impl CSeq {
    /// Reads `number method`.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = lex::trim(value);
        let cut = value.iter().position(|byte| lex::is_space(*byte))?;
        let (number, method) = value.split_at_checked(cut)?;
        let number = lex::number(number).filter(|number| *number <= CSEQ_MAX)?;
        let method = lex::trim(method);
        lex::is_token(method).then(|| Self { number, method: Method::new(method) })
    }
}

impl std::fmt::Display for CSeq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}
