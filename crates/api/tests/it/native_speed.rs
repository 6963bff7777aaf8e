//! How many requests a second the API answers without sockets. Prints; never fails for being slow.

use std::time::Instant;

use serde_json::json;

use crate::harness::harness;

const REQUESTS: u32 = 50_000;
const CHANGES: u32 = 12_800;

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
    for at_once in [1, 64] {
        let began = Instant::now();
        for round in 0..CHANGES / at_once {
            let change = |one: u32| {
                let title = json!({ "title": format!("Agent {at_once} {round} {one}") });
                it.native("PATCH", &path, Some(title))
            };
            futures_util::future::join_all((0..at_once).map(change)).await;
        }
        let rate = f64::from(CHANGES) / began.elapsed().as_secs_f64();
        println!("PATCH {rate:.0}/s, {at_once} at once");
    }
}
