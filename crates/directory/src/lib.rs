//! The one door to the directory: who may, what changes, what is recorded, what is enforced.
//!
//! Everything is in memory and immutable; a change is decided there (`change`, `change_resource`),
//! committed with all that wait (`writer`, `batch`), published, enforced and answered (`settle`).
//! No HTTP and no SIP: voices translate, this decides.

mod authenticate;
mod batch;
mod call_explained;
mod calls;
mod change;
mod change_resource;
mod clock;
mod commit;
mod directory;
mod enforce;
mod error;
mod found;
mod history;
mod last_used;
mod load;
mod locked;
mod mail_code;
mod moment;
mod operation;
mod password_reset;
mod post;
mod random;
mod replay;
mod requests;
mod seal;
mod second_factor;
mod serials;
mod session;
mod settle;
mod shared;
mod sign_in;
mod softphone;
mod switchboard;
mod throttle;
mod writer;

pub use authenticate::Unrecognised;
pub use call_explained::{ExplainedCall, ExplainedDecision};
pub use calls::{CallRecords, KeptRecord, REGISTRATIONS_MAX};
pub use change_resource::permission_for;
pub use clock::Clock;
pub use directory::{BULK_MAX, Directory, STORE_FILE};
pub use enforce::{Enforcement, Enforcer};
pub use error::Error;
pub use found::{COMMPEAK_REALM, Founded, Founding, basic};
pub use history::{read_diff, read_user};
pub use locked::LockedOut;
pub use mail_code::{MAIL_CODE_LIFE, MAIL_CODE_TRIES, MailCode};
pub use moment::Moment;
pub use operation::{
    AccountChange, Bulk, ChangeEvent, Idempotency, NewUser, Options, PatchFrom, ResourceChange,
    ResourceEdit, Subject, TotpEdit, UserChange, UserWork,
};
pub use password_reset::RESET_LIFE;
pub use post::{
    DELIVERIES_MAX, Delivery, DeliveryQuery, DeliveryStanding, DeliveryState, OneTimeMail, Post,
    SharedPost, Wanted,
};
pub use random::{random, random_word};
pub use replay::read_account;
pub use requests::{REQUESTS_MAX, RequestEntry};
pub use second_factor::{RECOVERY_CODES, TotpOffer};
pub use session::{SESSIONS_MAX, Session};
pub use sign_in::{SecondFactorShown, SignIn, SignInError, SignedIn};
pub use softphone::{SoftphoneLogin, SoftphoneRefused};
/// What the log of changes and the call records are asked and answer, for crates that cannot name
/// the store.
pub use store::{
    Breach, CallRecordCursor, CallRecordQuery, ChainVerdict, ChangeFilter, ChangeRow, Order,
};
pub use switchboard::{Later, SharedSwitchboard, Switchboard};
pub use throttle::{ADDRESS_FAILURES_MAX, Guesser, LOGIN_FAILURES_MAX, Lock, Throttle, WINDOW};
