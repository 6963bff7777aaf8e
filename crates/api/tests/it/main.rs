//! The API from outside, over the real router, directory and store.
#![cfg(test)]

mod call_news;
mod call_samples;
mod callerdesk;
mod callerdesk_calls;
mod callerdesk_groups;
mod callerdesk_members;
mod callerdesk_requests;
mod commpeak;
mod commpeak_agents;
mod commpeak_calls;
mod commpeak_clients;
mod docs;
mod harness;
mod native_access;
mod native_calls;
mod native_changes;
mod native_explain;
mod native_openapi;
mod native_patch;
mod native_protocol;
mod native_resources;
mod native_users;
mod pairs;
#[cfg(test)]
mod platform;
mod platform_calls;
mod platform_edges;
mod rules;
mod telecmi;
mod telecmi_calls;
mod telecmi_faults;
mod telecmi_token;
