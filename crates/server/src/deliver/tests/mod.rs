//! Deliveries to real servers on this machine: an HTTP receiver and an SMTP listener of our own.
//! Nothing of the program is replaced; only the pace of retries is quicker.

mod alerts;
mod announcements;
mod fixture;
mod order;
mod post_office;
mod receiver;
mod retries;
