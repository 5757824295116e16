//! The peer in C, with the libzmq that zmq-sys links.

mod start;

pub use start::main;
use zmq_sys as _;
