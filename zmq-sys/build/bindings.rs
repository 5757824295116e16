//! Generates the declarations from a `zmq.h`.

use std::env;
use std::path::PathBuf;

use bindgen::callbacks::{DeriveTrait, ImplementsTrait, ParseCallbacks};
use bindgen::Builder;

use crate::Library;

/// Writes `stable.rs` and, with feature `draft`, what the draft API adds to it,
/// `draft.rs`, to cargo's folder for this build.
pub fn generate(library: &Library) {
    if let Some(folder) = &library.include {
        println!("cargo:rerun-if-changed={}", folder.join("zmq.h").display());
    }
    // What differs between platforms is taken from elsewhere, so that one file
    // serves them all.
    let stable = builder(library)
        .blocklist_type("zmq_fd_t")
        .raw_line("pub type zmq_fd_t = crate::RawFd;");
    let stable = write(stable, "stable.rs");
    if cfg!(feature = "draft") {
        let draft = builder(library)
            .clang_arg("-DZMQ_BUILD_DRAFT_API")
            .blocklist_type("sigset_t|__sigset_t")
            .raw_line("#[cfg(unix)] pub type sigset_t = ::libc::sigset_t;")
            .raw_line("#[cfg(windows)] pub type sigset_t = ::libc::c_void;");
        let declared = names(&stable);
        write(declared.fold(draft, Builder::blocklist_item), "draft.rs");
    }
}

fn builder(library: &Library) -> Builder {
    let include = library.include.iter();
    bindgen::builder()
        .header_contents("wrapper.h", "#include <zmq.h>")
        .clang_args(include.flat_map(|folder| ["-I".to_owned(), folder.display().to_string()]))
        .allowlist_function("zmq_.*")
        .allowlist_type("zmq_.*")
        .allowlist_var("ZMQ_.*")
        .ctypes_prefix("::libc")
        .derive_default(true)
        .parse_callbacks(Box::new(TakenTypes))
        .layout_tests(false)
        .generate_comments(false)
        .merge_extern_blocks(true)
        .formatter(bindgen::Formatter::Prettyplease)
        .disable_header_comment()
}

/// What bindgen cannot know of the types that are taken from elsewhere.
#[derive(Debug)]
struct TakenTypes;

impl ParseCallbacks for TakenTypes {
    fn blocklisted_type_implements_trait(
        &self,
        name: &str,
        _derive_trait: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        // A number, so that structures of it are what they would be with an int.
        (name == "zmq_fd_t").then_some(ImplementsTrait::Yes)
    }
}

/// Generates a file and returns its text.
fn write(builder: Builder, name: &str) -> String {
    let text = builder
        .generate()
        .expect("bindgen understands zmq.h")
        .to_string();
    let folder = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    std::fs::write(folder.join(name), &text).expect("OUT_DIR is writable");
    text
}

/// The names that a generated file declares.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (keyword, rest) = line.trim_start().strip_prefix("pub ")?.split_once(' ')?;
        let name = rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()?;
        ["const", "fn", "struct", "type"]
            .contains(&keyword)
            .then_some(name)
    })
}
