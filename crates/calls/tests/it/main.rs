//! Calls from outside: real sockets on loopback, and a small phone of our own.

mod calls;
mod clicks;
mod enforcement;
mod faults;
mod office;
mod phone;
mod registration;
mod settings;
mod teams;
mod transfer;
mod trunks;
mod websocket;
mod wire;
