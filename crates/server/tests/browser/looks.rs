//! How a page looks in light and dark, wide and narrow: its pictures, kept under
//! `target/screenshots`, and what axe-core says of it. Judges no words.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::visit::Visit;

const AXE: &str = include_str!("axe/axe.min.js");

/// Width and height of a screen in CSS pixels.
const SCREENS: [(&str, u32, u32); 2] = [("wide", 1280, 900), ("narrow", 390, 844)];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// The longest picture; a longer page is cut off.
const HEIGHT_MAX: u32 = 6000;

/// What axe finds, as lines: rule, what it says, where.
const AUDIT: &str = "
    const found = await axe.run(document, { resultTypes: ['violations'] });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
        rule.id + ': ' + node.failureSummary + ' at ' + node.target.join(' ') + ' ' + node.html));";

impl Visit {
    /// Pictures of the page that is shown, and everything wrong with it on any screen.
    pub(crate) fn look(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        self.browser.run(AXE, &[]);
        for (screen, width, height) in SCREENS {
            self.size(width, height);
            for scheme in SCHEMES {
                self.scheme(scheme);
                let place = format!("{name} {screen} {scheme}");
                let found = self.browser.run_async(AUDIT, &[]);
                let found = found.as_array().unwrap().iter();
                wrong.extend(found.map(|it| format!("{place}: {}", it.as_str().unwrap())));
                self.picture(&format!("{name}.{screen}.{scheme}"), width);
                self.size(width, height);
            }
            let overflow = "return document.documentElement.scrollWidth > window.innerWidth;";
            if self.browser.run(overflow, &[]) == json!(true) {
                wrong.push(format!("{name} {screen}: wider than the screen"));
            }
        }
        self.size(SCREENS[0].1, SCREENS[0].2);
        wrong
    }

    fn size(&self, width: u32, height: u32) {
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// Without transitions, whose colours in between nobody reads.
    fn scheme(&self, scheme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.browser.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// On a screen as high as the page, so that what sticks to the screen's edge hides nothing.
    fn picture(&self, name: &str, width: u32) {
        let page = self.browser.devtools("Page.getLayoutMetrics", &json!({}));
        let height = page["cssContentSize"]["height"].as_u64().unwrap();
        self.size(width, u32::try_from(height).unwrap().min(HEIGHT_MAX));
        let taken = self.browser.devtools("Page.captureScreenshot", &json!({ "format": "png" }));
        let bytes = decoded(taken["data"].as_str().unwrap());
        let folder = folder();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots")
}

/// Base64 (RFC 4648, section 4).
fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// All pages' faults at once: one run shows everything there is to do.
#[track_caller]
pub(crate) fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} to put right:\n{}", wrong.len(), wrong.join("\n"));
}
