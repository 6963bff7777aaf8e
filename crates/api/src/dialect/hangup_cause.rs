//! Why a call is over, in the words telephone switches have for Q.850's causes. It is no vendor's own.

use domain::call::CallRecord;

pub(crate) const fn hangup_cause(record: &CallRecord) -> &'static str {
    match record.status {
        200..=299 => "NORMAL_CLEARING",
        486 | 600 => "USER_BUSY",
        487 => "ORIGINATOR_CANCEL",
        408 | 480 => "NO_ANSWER",
        404 | 604 => "UNALLOCATED_NUMBER",
        403 | 603 | 607 | 608 => "CALL_REJECTED",
        488 | 606 => "INCOMPATIBLE_DESTINATION",
        503 => "NORMAL_TEMPORARY_FAILURE",
        _ => "NORMAL_UNSPECIFIED",
    }
}
