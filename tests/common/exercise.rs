//! Programs in C++ that exercise what is ours of libzmq by itself, with sanitizers too.

use std::path::PathBuf;
use std::process::Command;

/// Runs cases of `NAME/exercise.cpp`, compiled with some of the sources in `vendor` and with
/// `flags`, each as often as it says.
pub fn exercise(
    name: &str,
    sources: &[&str],
    flavour: &str,
    flags: &[&str],
    cases: &[(&str, u32)],
) {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let vendor = ours.join("vendor");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{flavour}"));
    let compiler = std::env::var("CXX").unwrap_or("c++".into());
    let mut compile = Command::new(compiler);
    compile.args(["-std=c++11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]);
    compile.arg("-pthread").args(flags).arg("-I").arg(&vendor);
    compile.arg(ours.join("tests").join(name).join("exercise.cpp"));
    compile.args(sources.iter().map(|source| vendor.join(source)));
    succeed(compile.arg("-o").arg(&program));
    for (case, often) in cases {
        let mut run = Command::new(&program);
        run.args([*case, &often.to_string()]);
        // As malloc does when it is asked for too much.
        succeed(run.env("ASAN_OPTIONS", "allocator_may_return_null=1"));
    }
}

/// The same of what includes libzmq's headers, and of its sources some.
pub fn exercise_libzmq(name: &str, flavour: &str, flags: &[&str], cases: &[(&str, u32)]) {
    let include = |path: &str| format!("-I{}/vendor/libzmq/{path}", env!("CARGO_MANIFEST_DIR"));
    let libzmq = [&*include("src"), &include("include")];
    // Its headers do not bear all warnings, and of its sources some functions want more.
    let bear = ["-Wno-unused-parameter", "-DZMQ_POOL=0"];
    let few = ["-ffunction-sections", "-Wl,--gc-sections"];
    let flags = [&libzmq[..], &bear, &few, flags].concat();
    exercise(name, &[], flavour, &flags, cases);
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
