//! Starts the peer in C.

use std::ffi::{c_char, c_int, CString};
use std::{env, process, ptr};

extern "C" {
    fn peer(argc: c_int, argv: *const *const c_char, with_batches: c_int) -> c_int;
}

pub fn main(with_batches: bool) -> ! {
    let args: Vec<_> = env::args().map(|arg| CString::new(arg).unwrap()).collect();
    let mut pointers: Vec<_> = args.iter().map(|arg| arg.as_ptr()).collect();
    pointers.push(ptr::null());
    // SAFETY: as C's `main` gets them: that many pointers to strings, which live until
    // the end, and then one that is null.
    process::exit(unsafe { peer(args.len() as c_int, pointers.as_ptr(), with_batches.into()) });
}
