//! Chapter 4: reliable request-reply.
#![cfg(unix)]
