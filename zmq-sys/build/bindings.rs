//! Generates the declarations from a `zmq.h`.

use std::env;
use std::path::PathBuf;

use crate::Library;

/// Writes `bindings.rs` to cargo's folder for this build.
pub fn generate(library: &Library) {
    let draft = cfg!(feature = "draft");
    let include = library.include.iter().flat_map(|folder| {
        println!("cargo:rerun-if-changed={}", folder.join("zmq.h").display());
        ["-I".to_owned(), folder.display().to_string()]
    });
    let bindings = bindgen::builder()
        .header_contents("wrapper.h", "#include <zmq.h>")
        .clang_args(include)
        .clang_args(draft.then_some("-DZMQ_BUILD_DRAFT_API"))
        .allowlist_function("zmq_.*")
        .allowlist_type("zmq_.*")
        .allowlist_var("ZMQ_.*")
        // What differs between platforms is taken from elsewhere, so that one
        // file serves them all.
        .blocklist_type("zmq_fd_t")
        .raw_line("pub type zmq_fd_t = crate::RawFd;")
        .blocklist_type("sigset_t|__sigset_t")
        .raw_line("#[cfg(unix)] pub type sigset_t = ::libc::sigset_t;")
        .raw_line("#[cfg(windows)] pub type sigset_t = ::libc::c_void;")
        .ctypes_prefix("::libc")
        .derive_default(true)
        .layout_tests(false)
        .generate_comments(false)
        .merge_extern_blocks(true)
        .formatter(bindgen::Formatter::Prettyplease)
        .disable_header_comment()
        .generate()
        .expect("bindgen understands zmq.h");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("bindings.rs");
    bindings.write_to_file(out).expect("OUT_DIR is writable");
}
