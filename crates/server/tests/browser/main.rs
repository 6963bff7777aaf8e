//! The console in a real browser: the real binary, headless Chromium from Debian, axe-core.
#![cfg(test)]

#[expect(dead_code, reason = "the tests of calls use the rest of it")]
#[path = "../it/softphone.rs"]
mod desk_phone;
#[expect(dead_code, reason = "the command's tests use the rest of it")]
#[path = "../it/harness.rs"]
mod harness;
mod journeys;
mod looks;
mod pages;
#[path = "../../../calls/tests/peers/mod.rs"]
mod peers;
mod relay;
mod softphone;
mod visit;
mod webdriver;
