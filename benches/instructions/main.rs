//! How many instructions this crate takes for what plain C does with the same libzmq.
//!
//! `cargo bench --bench instructions` shows, for each work, both counts and their
//! ratio, and what `table.csv` has; `-- --check` also fails where ours has become
//! worse; `-- --write` writes the table anew, all but its limits. The counts are those
//! of callgrind, which is part of valgrind; what is counted is `ours.rs`, and `twin.c` at
//! -O3.
//!
//! A count depends on the compiler and the C library, a ratio hardly. So what is checked
//! are the ratios of one run.

mod ours;

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How much worse than in the table a ratio may be.
const SLACK: f64 = 0.03;

const HEADER: &str = "work,bytes,C,ours,ours/C,limit,why";

/// A row of the table.
#[derive(Clone)]
struct Row {
    work: String,
    size: String,
    c: f64,
    ours: f64,
    /// How many times C's count ours may be.
    limit: f64,
    /// Why that is more than 1.01, where it is.
    why: String,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours / self.c
    }
}

fn table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/table.csv")
}

fn read_table() -> Vec<Row> {
    let text = fs::read_to_string(table()).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse().unwrap();
        Row {
            work: cells[0].to_owned(),
            size: cells[1].to_owned(),
            c: number(2),
            ours: number(3),
            limit: number(5),
            why: cells[6].to_owned(),
        }
    };
    lines.map(row).collect()
}

fn write_table(rows: &[Row]) {
    let mut text = format!("{HEADER}\n");
    for row in rows {
        let Row { work, size, .. } = row;
        let (c, ours, ratio) = (row.c, row.ours, row.ratio());
        let (limit, why) = (row.limit, &row.why);
        writeln!(
            text,
            "{work},{size},{c:.1},{ours:.1},{ratio:.3},{limit},{why}"
        )
        .unwrap();
    }
    fs::write(table(), text).unwrap();
}

/// `twin.c`, compiled, and linked with the libzmq of this crate.
fn twin(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/twin.c");
    let program = folder.join("twin");
    let mut cc = Command::new(env::var("CC").unwrap_or("cc".into()));
    cc.args(["-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", "-o"]);
    cc.arg(&program).arg(source);
    let include = env!("ZMQ_TEST_INCLUDE");
    if !include.is_empty() {
        cc.arg(format!("-I{include}"));
    }
    for (folder, library) in [
        (env!("ZMQ_TEST_LIB"), "zmq"),
        (env!("ZMQ_TEST_SODIUM"), "sodium"),
        (env!("ZMQ_TEST_GSSAPI"), "gssapi_krb5"),
    ] {
        if !folder.is_empty() {
            cc.args([format!("-L{folder}"), format!("-Wl,-rpath,{folder}")]);
        }
        if !folder.is_empty() || library == "zmq" {
            cc.arg(format!("-l{library}"));
        }
    }
    if cfg!(zmq_vendored) {
        cc.args(["-lstdc++", "-lpthread", "-lm"]);
    }
    assert!(cc.status().unwrap().success(), "{cc:?}");
    program
}

/// A program under callgrind, which leaves its counts in files.
struct Counting {
    child: Child,
    folder: PathBuf,
}

impl Counting {
    /// Starts `program` with the works of `rows`; `folder` is to be its own.
    fn start(folder: PathBuf, program: &Path, rows: &[Row]) -> Counting {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--tool=callgrind", "--toggle-collect=counted"]);
        valgrind.arg("--dump-before=turn");
        valgrind.arg(format!("--callgrind-out-file={}/out", folder.display()));
        valgrind.arg(program);
        valgrind.args(rows.iter().flat_map(|row| [&row.work, &row.size]));
        // Else it depends on what lies at the heap's end whether glibc gives that back.
        valgrind.env("MALLOC_TRIM_THRESHOLD_", "1000000000");
        let child = valgrind.env(COUNTED, "1").stdin(Stdio::null()).spawn();
        Counting {
            child: child.unwrap(),
            folder,
        }
    }

    /// The least count of each row: what a work takes when nothing else has to be done,
    /// as libzmq now and then has.
    fn counts(mut self, rows: usize) -> Vec<f64> {
        assert!(self.child.wait().unwrap().success());
        // A row has a file for what was before it, and those of its turns.
        let count = |number: usize| {
            let file = self.folder.join(format!("out.{number}"));
            let text = fs::read_to_string(file).unwrap();
            let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
            total.unwrap().parse::<u64>().unwrap()
        };
        let least = |row| {
            let first = row * (1 + ours::TURNS) + 2;
            let counts = (first..first + ours::TURNS).map(count);
            counts.min().unwrap() as f64 / ours::TIMES as f64
        };
        (0..rows).map(least).collect()
    }
}

/// Set for the program that is counted.
const COUNTED: &str = "ZMQ_BENCH_COUNTED";

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if env::var_os(COUNTED).is_some() {
        return ours::run(&arguments);
    }
    let is_told = |what| arguments.iter().any(|argument| argument == what);
    // `cargo test --benches` only wants to know that it can run.
    if !is_told("--bench") {
        return ours::run(&["send_slice".into(), "16".into()]);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: instructions are counted by valgrind, which is not installed");
        return;
    }
    let last = read_table();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    fs::create_dir_all(&folder).unwrap();
    let c = Counting::start(folder.join("c"), &twin(&folder), &last);
    let ours = Counting::start(folder.join("ours"), &env::current_exe().unwrap(), &last);
    let counts = c
        .counts(last.len())
        .into_iter()
        .zip(ours.counts(last.len()));
    let now = last.iter().cloned().zip(counts);
    let now = now.map(|(row, (c, ours))| Row { c, ours, ..row });
    let now: Vec<Row> = now.collect();

    let mut worse = 0;
    for (row, last) in now.iter().zip(&last) {
        let (ratio, was) = (row.ratio(), last.ratio());
        let verdict = if ratio > row.limit {
            format!("over its limit, {}", row.limit)
        } else if ratio > was * (1.0 + SLACK) {
            "worse than in the table".into()
        } else {
            String::new()
        };
        worse += usize::from(!verdict.is_empty());
        println!(
            "{:24} {:>5} B   C {:8.1}   ours {:8.1}   ratio {ratio:.3}, was {was:.3}   {verdict}",
            row.work, row.size, row.c, row.ours,
        );
    }
    if is_told("--write") {
        write_table(&now);
    }
    if is_told("--check") && worse > 0 {
        eprintln!("{worse} works take too many instructions");
        std::process::exit(1);
    }
}
