//! Chapter 5: advanced pub-sub.
#![cfg(unix)]
