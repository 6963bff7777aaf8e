//! Progress of long work, on standard error and only where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use store::Progress;

const SIZED: &str = "{msg} {wide_bar} {pos}/{len} {per_sec} {eta}";
const ENDLESS: &str = "{msg} {spinner} {pos} {per_sec}";

/// A bar that fills as `total` is neared.
pub(crate) fn sized(doing: &'static str, total: u64) -> ProgressBar {
    styled(ProgressBar::new(total), SIZED, doing)
}

/// A counter, where nobody knows how much there is.
pub(crate) fn endless(doing: &'static str) -> ProgressBar {
    styled(ProgressBar::no_length(), ENDLESS, doing)
}

/// What the store calls while it works.
pub(crate) fn of_store(bar: &ProgressBar) -> impl FnMut(Progress) + Send + 'static {
    let bar = bar.clone();
    move |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    }
}

fn styled(bar: ProgressBar, template: &str, doing: &'static str) -> ProgressBar {
    // A template that does not read leaves indicatif's own style.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.with_message(doing)
}
