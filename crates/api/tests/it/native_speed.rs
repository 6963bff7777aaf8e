//! How many requests a second the API answers without sockets. Prints; never fails for being slow.

use std::time::Instant;

use serde_json::json;

use crate::harness::harness;

const REQUESTS: u32 = 50_000;

#[tokio::test]
#[ignore = "a measurement: run it in release with --ignored --nocapture"]
async fn reads_and_changes_are_counted() {
    let it = harness().await;
    let path = format!("/api/v1/users/{}", it.users[0]);
    let began = Instant::now();
    for _ in 0..REQUESTS {
        it.native("GET", &path, None).await;
    }
    println!("GET   {:.0}/s", f64::from(REQUESTS) / began.elapsed().as_secs_f64());
    let began = Instant::now();
    for number in 0..REQUESTS / 10 {
        it.native("PATCH", &path, Some(json!({ "title": format!("Agent {number}") }))).await;
    }
    println!("PATCH {:.0}/s", f64::from(REQUESTS / 10) / began.elapsed().as_secs_f64());
}
