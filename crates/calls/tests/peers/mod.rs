//! Programs that no one here wrote, as processes that tests start and end. The tests of `server`
//! use them too, by their path; nothing here knows Rollcall.

pub(crate) mod baresip;
pub(crate) mod rtpengine;
