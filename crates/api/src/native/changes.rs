//! The log of changes: who changed what, when, through which voice.

use directory::ChangeRow;
use jiff::Timestamp;

use super::answer::Object;

/// One change as the API shows it; the subject's stored text, which holds secrets, is left out.
pub(crate) fn write_row(out: &mut Vec<u8>, row: &ChangeRow) {
    let mut object = Object::begin(out);
    object.field("sequence", &row.sequence);
    object.field("subject", &row.subject);
    object.field("kind", &row.subject_kind);
    object.field("version", &row.version);
    object.field("at", &Timestamp::from_microsecond(row.at).ok());
    object.text("caller", &row.caller);
    object.field("dialect", &row.dialect);
    object.field("address", &row.address);
    object.text("diff", &row.diff);
    object.end();
}
